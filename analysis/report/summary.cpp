#include "analysis/report/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "analysis/statistics/statistics.h"
#include "analysis/tables/markdown.h"
#include "analysis/verdicts/variant_axes.h"

namespace tbench {
namespace {

// A case of the report; absent where it failed.
struct CaseRow {
  const Record* record;
  std::optional<double> mean_ms, deviation_ms;
};

using RowColumn = Column<CaseRow>;
using RowColumns = std::vector<RowColumn>;

// How a time is printed.
using Print = std::string (*)(double);

std::string AllDigits(double value) { return fmt::format("{}", value); }

CaseRow ToCaseRow(const Record& record) {
  CaseRow row{.record = &record, .mean_ms = {}, .deviation_ms = {}};
  if (record.error) return row;
  std::vector<double> times;
  for (const TimedTrial& trial : record.trials) times.push_back(trial.time_us / 1000);
  row.mean_ms = Mean(times);
  row.deviation_ms = times.size() == 1 ? 0 : SampleDeviation(times);
  return row;
}

// As the published table sorts forward_only: False before True; other passes after them.
int PassOrder(Pass pass) {
  if (pass == Pass::kForwardBackward) return -1;
  return int(pass);
}

std::vector<CaseRow> SortedRows(const std::vector<Record>& records) {
  std::vector<CaseRow> rows;
  for (const Record& record : records) rows.push_back(ToCaseRow(record));
  std::ranges::stable_sort(rows, std::less<>{}, [](const CaseRow& row) {
    const Case& c = row.record->c;
    return std::tuple(row.record->config.d_model, c.context, FurtherValues(c), c.batch, c.warmups, PassOrder(c.pass));
  });
  return rows;
}

RowColumn Number(std::string header, std::int64_t (*value)(const Record&)) {
  return {std::move(header), Align::kDecimal,
          [value](const CaseRow& row) { return std::to_string(value(*row.record)); }};
}

RowColumn ModelSize() {
  return {"model_size", Align::kLeft, [](const CaseRow& row) { return row.record->c.model; }};
}
RowColumn Context() {
  return Number("context_length", [](const Record& r) { return r.c.context; });
}
RowColumn WarmUps() {
  return Number("num_warmups", [](const Record& r) { return r.c.warmups; });
}
RowColumn BatchSize() {
  return Number("batch_size", [](const Record& r) { return r.c.batch; });
}

// The published table's two passes are a flag; with any other, the pass is named.
RowColumn PassColumn(const std::vector<CaseRow>& rows) {
  const auto is_published = [](Pass pass) { return pass == Pass::kForward || pass == Pass::kForwardBackward; };
  const bool named = !std::ranges::all_of(rows, is_published, [](const CaseRow& row) { return row.record->c.pass; });
  if (!named) {
    return {"forward_only", Align::kLeft,
            [](const CaseRow& row) { return row.record->c.pass == Pass::kForward ? "True" : "False"; }};
  }
  const Axis pass = AxisOf("pass");
  return {std::string(pass.key), Align::kLeft, [pass](const CaseRow& row) { return pass.print(row.record->c); }};
}

RowColumns Times(Print print) {
  return {{"mean_time_ms", Align::kDecimal,
           [print](const CaseRow& row) { return row.mean_ms ? print(*row.mean_ms) : ErrorKind(*row.record->error); }},
          {"std_time_ms", Align::kDecimal,
           [print](const CaseRow& row) { return row.deviation_ms ? print(*row.deviation_ms) : ""; }}};
}

// Which of the further axes have a column.
using WhichAxes = bool (*)(const Axis&);
constexpr WhichAxes kFirstAxes = [](const Axis& axis) { return !axis.is_later(); };
constexpr WhichAxes kLaterAxes = [](const Axis& axis) { return axis.is_later(); };
constexpr WhichAxes kAllAxes = [](const Axis&) { return true; };

// Columns of those in which the rows differ.
RowColumns FurtherColumns(const std::vector<CaseRow>& rows, WhichAxes which) {
  RowColumns columns;
  for (const Axis& axis : FurtherAxes()) {
    if (!which(axis)) continue;
    std::set<std::string> values;
    for (const CaseRow& row : rows) values.insert(axis.print(row.record->c));
    if (values.size() < 2) continue;
    columns.push_back({std::string(axis.key), axis.kind == AxisKind::kNumber ? Align::kDecimal : Align::kLeft,
                       [axis](const CaseRow& row) { return axis.print(row.record->c); }});
  }
  return columns;
}

// For tables that do not show the batch size anyway.
RowColumns FurtherColumnsAndBatch(const std::vector<CaseRow>& rows) {
  RowColumns columns = FurtherColumns(rows, kAllAxes);
  std::set<std::int64_t> batches;
  for (const CaseRow& row : rows) batches.insert(row.record->c.batch);
  if (batches.size() > 1) columns.push_back(BatchSize());
  return columns;
}

RowColumns Join(std::initializer_list<RowColumns> parts) {
  RowColumns all;
  for (const RowColumns& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Later axes come last: who reads the CSV by places finds the others where they were.
Table CompleteTable(const std::vector<CaseRow>& rows, Print print) {
  const RowColumns model{ModelSize(), Number("d_model", [](const Record& r) { return r.config.d_model; })};
  const RowColumns size{Number("num_layers", [](const Record& r) { return r.config.layers; }),
                        Number("num_heads", [](const Record& r) { return r.config.heads; }), BatchSize()};
  const RowColumns trials{
      WarmUps(), Number("num_trials", [](const Record& r) { return std::int64_t(r.trials.size()); }), PassColumn(rows)};
  return MakeTable(Join({model,
                         {Context()},
                         size,
                         FurtherColumns(rows, kFirstAxes),
                         trials,
                         Times(print),
                         FurtherColumns(rows, kLaterAxes)}),
                   rows);
}

std::string ByModel(const std::vector<CaseRow>& rows) {
  const RowColumns columns =
      Join({{Context()}, FurtherColumnsAndBatch(rows), {WarmUps(), PassColumn(rows)}, Times(Rounded)});
  std::vector<std::string> models;
  std::map<std::string, std::vector<CaseRow>> by_model;
  for (const CaseRow& row : rows) {
    std::vector<CaseRow>& of_model = by_model[row.record->c.model];
    if (of_model.empty()) models.push_back(row.record->c.model);
    of_model.push_back(row);
  }
  std::string text = "## Results by Model Size\n";
  for (const std::string& model : models) {
    text += fmt::format("\n### Model: {}\n\n{}", model, ToMarkdown(MakeTable(columns, by_model.at(model))));
  }
  return text;
}

std::string ByPass(const std::vector<CaseRow>& rows) {
  const RowColumns columns =
      Join({{ModelSize(), Context()}, FurtherColumnsAndBatch(rows), {WarmUps(), PassColumn(rows)}, Times(Rounded)});
  return "## Forward-Only vs Forward+Backward Comparison\n\n" + ToMarkdown(MakeTable(columns, rows));
}

std::string ByWarmUps(std::vector<CaseRow> rows) {
  const RowColumns columns =
      Join({{ModelSize(), Context()}, FurtherColumnsAndBatch(rows), {WarmUps()}, Times(Rounded)});
  std::ranges::stable_sort(rows, std::less<>{}, [](const CaseRow& row) {
    const Case& c = row.record->c;
    return std::tuple(c.model, c.context, c.warmups);
  });
  return "## Effect of Number of Warmup Runs\n\n" + ToMarkdown(MakeTable(columns, rows));
}

std::string MeanByWarmUps(const std::vector<CaseRow>& rows, const std::set<std::int64_t>& counts) {
  std::map<std::string, std::map<std::int64_t, std::vector<double>>> means;
  for (const CaseRow& row : rows) {
    std::vector<double>& cell = means[row.record->c.model][row.record->c.warmups];
    if (row.mean_ms) cell.push_back(*row.mean_ms);
  }
  Table table{.columns = {{"model_size", Align::kLeft}}, .rows = {}};
  for (const std::int64_t count : counts) table.columns.push_back({std::to_string(count), Align::kDecimal});
  for (auto& [model, by_count] : means) {
    std::vector<std::string>& cells = table.rows.emplace_back(1, model);
    for (const std::int64_t count : counts) cells.push_back(Rounded(Mean(by_count[count])));
  }
  return "### Mean Time by Warmup Count\n\n" + ToMarkdown(table);
}

std::string SummaryStatistics(const std::vector<CaseRow>& rows) {
  std::vector<double> means, deviations;
  for (const CaseRow& row : rows) {
    if (!row.mean_ms) continue;
    means.push_back(*row.mean_ms);
    deviations.push_back(*row.deviation_ms);
  }
  using Statistic = std::function<double(std::span<const double>)>;
  const auto quantile = [](double q) { return [q](std::span<const double> v) { return Quantile(v, q); }; };
  const std::vector<std::pair<std::string, Statistic>> statistics{
      {"count", [](std::span<const double> v) { return double(v.size()); }},
      {"mean", Mean},
      {"std", SampleDeviation},
      {"min", quantile(0)},
      {"25%", quantile(0.25)},
      {"50%", quantile(0.5)},
      {"75%", quantile(0.75)},
      {"max", quantile(1)}};
  Table table{.columns = {{"", Align::kLeft}, {"mean_time_ms", Align::kDecimal}, {"std_time_ms", Align::kDecimal}},
              .rows = {}};
  for (const auto& [name, statistic] : statistics) {
    table.rows.push_back({name, Rounded(statistic(means)), Rounded(statistic(deviations))});
  }
  return "## Summary Statistics\n\n" + ToMarkdown(table);
}

}  // namespace

std::string MakeSummary(const std::vector<Record>& records) {
  if (records.empty()) return "No results found.";
  const std::vector<CaseRow> rows = SortedRows(records);
  std::set<Pass> passes;
  std::set<std::int64_t> warmups;
  for (const CaseRow& row : rows) {
    passes.insert(row.record->c.pass);
    warmups.insert(row.record->c.warmups);
  }
  std::vector<std::string> sections{"# Benchmark Results Summary\n",
                                    "## Complete Results\n\n" + ToMarkdown(CompleteTable(rows, Rounded)),
                                    ByModel(rows)};
  if (passes.contains(Pass::kForward) && passes.size() > 1) sections.push_back(ByPass(rows));
  if (warmups.size() > 1) {
    sections.push_back(ByWarmUps(rows));
    sections.push_back(MeanByWarmUps(rows, warmups));
  }
  sections.push_back(SummaryStatistics(rows));
  std::string text;
  for (const std::string& section : sections) text += (text.empty() ? "" : "\n") + section;
  return text;
}

Table CompleteResults(const std::vector<Record>& records) { return CompleteTable(SortedRows(records), Rounded); }

Table CompleteResultsUnrounded(const std::vector<Record>& records) {
  return CompleteTable(SortedRows(records), AllDigits);
}

Table TrialsTable(const std::vector<Record>& records) {
  const std::vector<CaseRow> rows = SortedRows(records);
  const RowColumns of_case =
      Join({{ModelSize(), Number("d_model", [](const Record& r) { return r.config.d_model; }),
             Number("d_ff", [](const Record& r) { return r.config.d_ff; }),
             Number("num_layers", [](const Record& r) { return r.config.layers; }),
             Number("num_heads", [](const Record& r) { return r.config.heads; }),
             Number("vocab_size", [](const Record& r) { return r.config.vocab; }), BatchSize(), Context()},
            FurtherColumns(rows, kFirstAxes),
            {WarmUps(), PassColumn(rows)}});
  struct Trial {
    const CaseRow& row;
    std::size_t index;
  };
  std::vector<Column<Trial>> columns;
  const auto add_columns = [&columns](const RowColumns& added) {
    for (const auto& column : added) {
      const auto cell = [of_row = column.cell](const Trial& trial) { return of_row(trial.row); };
      columns.push_back({column.header, column.align, cell});
    }
  };
  add_columns(of_case);
  columns.push_back({"trial", Align::kDecimal, [](const Trial& trial) { return std::to_string(trial.index); }});
  columns.push_back({"time_ms", Align::kDecimal, [](const Trial& trial) {
                       return AllDigits(trial.row.record->trials[trial.index].time_us / 1000);
                     }});
  add_columns(FurtherColumns(rows, kLaterAxes));
  std::vector<Trial> trials;
  for (const CaseRow& row : rows) {
    for (std::size_t i = 0; !row.record->error && i < row.record->trials.size(); ++i) trials.push_back({row, i});
  }
  return MakeTable(columns, trials);
}

}  // namespace tbench
