#pragma once

#include <string>
#include <variant>
#include <vector>

#include "analysis/tables/table.h"

// A report before it is Markdown or HTML. Text is plain: who renders it escapes it. In it `code` stands in backticks
// and **strong** text in double asterisks.
namespace tbench {

// A picture of data.
struct Chart {
  std::string name;  // of its file, without extension: [a-z0-9-]+
  std::string alt;   // what a reader who cannot see it must know
  std::string svg;   // a whole document
};

struct Heading {
  int level;  // 1 is the title
  std::string text;
};

struct Paragraph {
  std::string text;
};

struct BulletList {
  std::vector<std::string> items;
};

// Beside each other where there is room.
struct ChartRow {
  std::vector<Chart> charts;
};

using Block = std::variant<Heading, Paragraph, BulletList, Table, ChartRow>;

struct Document {
  std::vector<Block> blocks;
};

}  // namespace tbench
