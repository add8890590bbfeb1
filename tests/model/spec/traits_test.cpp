#include <gtest/gtest.h>

#include <set>

#include "model/spec/attention.h"
#include "model/spec/pass.h"
#include "model/spec/precision.h"
#include "model/spec/qkv_layout.h"

namespace tbench {
namespace {

template <class Table>
void ExpectEveryRowIsFoundByItsName(const Table& table) {
  std::set<std::string_view> names;
  for (const auto& row : table) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(ParseName(table, "axis", row.name), row.id) << row.name;
    EXPECT_EQ(RowOf(table, row.id).name, row.name);
  }
}

TEST(NamedRows, AreFoundByTheirNames) {
  ExpectEveryRowIsFoundByItsName(kPrecisions);
  ExpectEveryRowIsFoundByItsName(kElements);
  ExpectEveryRowIsFoundByItsName(kPasses);
  ExpectEveryRowIsFoundByItsName(kAttentions);
}

TEST(NamedRows, RefuseAnotherNameAndTellTheirs) {
  try {
    ParseName(kPasses, "pass", "forwards");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(),
                 "unknown pass 'forwards', did you mean 'forward'? Allowed: forward, forward_backward, train_step");
  }
}

TEST(Precision, IsSupportedWhereItsRowSays) {
  constexpr bool kFused = true, kComposed = false, kOnGpu = true, kOnCpu = false;
  EXPECT_EQ(WhyNotSupported(Precision::kFp32, kComposed, kOnCpu), "");
  EXPECT_EQ(WhyNotSupported(Precision::kBf16, kComposed, kOnCpu), "");
  EXPECT_EQ(WhyNotSupported(Precision::kTf32, kComposed, kOnCpu), "precision:tf32 needs a GPU");
  EXPECT_EQ(WhyNotSupported(Precision::kTf32, kComposed, kOnGpu), "");
  EXPECT_EQ(WhyNotSupported(Precision::kFp32x3, kComposed, kOnCpu), "precision:fp32x3 needs a GPU");
  EXPECT_EQ(WhyNotSupported(Precision::kFp32x3, kComposed, kOnGpu), "precision:fp32x3 needs kernels:fused");
  EXPECT_EQ(WhyNotSupported(Precision::kFp32x3, kFused, kOnGpu), "");
}

TEST(Precision, IsComparedWithOneThatPyTorchHas) {
  for (const PrecisionTraits& row : kPrecisions) EXPECT_TRUE(TraitsOf(row.compared).composed) << row.name;
}

TEST(Pass, HasAnOptimizerOnlyBehindABackwardPass) {
  for (const PassTraits& row : kPasses) {
    EXPECT_TRUE(row.backward || !row.optimizer) << row.name;
    EXPECT_TRUE(row.autograd || !row.backward) << row.name;
  }
}

TEST(QkvLayout, PutsQueriesKeysAndValuesSideBySide) {
  constexpr QkvLayout kLayout{.heads = 3, .head_size = 8};
  EXPECT_EQ(kLayout.keys(), 24);
  EXPECT_EQ(kLayout.values(), 48);
  EXPECT_EQ(kLayout.columns(), 72);
}

}  // namespace
}  // namespace tbench
