#include "benchmarks/names/ceiling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/support/input_error.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<std::string> Names(const std::vector<Ceiling>& ceilings) {
  std::vector<std::string> names;
  for (const Ceiling& ceiling : ceilings) names.push_back(CeilingName(ceiling));
  return names;
}

const std::vector<Case> kCases{
    {.precision = Precision::kFp32}, {.precision = Precision::kBf16}, {.precision = Precision::kFp32, .batch = 8}};

TEST(Ceilings, AreTheProductsOfTheCasesPrecisionsTheCopyAndTheLaunch) {
  EXPECT_THAT(Names(CeilingsOf(kCases, /*gpu=*/true)),
              ElementsAre("ceiling/gemm/precision:fp32/size:2048", "ceiling/gemm/precision:fp32/size:4096",
                          "ceiling/gemm/precision:fp32/size:8192", "ceiling/gemm/precision:bf16/size:2048",
                          "ceiling/gemm/precision:bf16/size:4096", "ceiling/gemm/precision:bf16/size:8192",
                          "ceiling/copy/bytes:1073741824", "ceiling/launch"));
  EXPECT_THAT(Names(CeilingsOf({{.precision = Precision::kTf32}}, /*gpu=*/false)),
              ElementsAre("ceiling/copy/bytes:268435456"))
      << "no CPU has TF32";
  EXPECT_THAT(Names(CeilingsOf({{.precision = Precision::kFp32x3}}, /*gpu=*/true)),
              ElementsAre("ceiling/copy/bytes:1073741824", "ceiling/launch"))
      << "LibTorch has no such product";
}

TEST(Ceilings, AreTakenAgainAtTheEndOnlyWhereDriftShowsBest) {
  EXPECT_THAT(Names(MainCeilings(CeilingsOf(kCases, /*gpu=*/true))),
              ElementsAre("ceiling/gemm/precision:fp32/size:8192", "ceiling/gemm/precision:bf16/size:8192",
                          "ceiling/copy/bytes:1073741824"));
}

TEST(Ceilings, AreRebuiltFromTheirNames) {
  for (const Ceiling& ceiling : CeilingsOf(kCases, /*gpu=*/true)) {
    EXPECT_EQ(ParseCeilingName(CeilingName(ceiling)), ceiling);
    EXPECT_EQ(ParseCeilingName(RowName(ceiling)), ceiling) << "with what Google Benchmark appends";
    Ceiling end = ceiling;
    end.moment = Ceiling::Moment::kEnd;
    EXPECT_EQ(CeilingName(end), CeilingName(ceiling) + "/moment:end");
    EXPECT_EQ(ParseCeilingName(RowName(end)), end);
  }
}

TEST(Ceilings, OfAnotherFormAreRefused) {
  for (const char* name :
       {"", "ceiling", "ceiling/", "ceilings/launch", "ceiling/launches", "ceiling/gemm", "ceiling/gemm/size:1",
        "ceiling/gemm/precision:fp32/size:", "ceiling/copy/bytes:0", "ceiling/launch/anything",
        "ceiling/copy/bytes:8/size:9", "ceiling/gemm/precision:fp32/size:8/9"}) {
    EXPECT_THROW(ParseCeilingName(name), InputError) << name;
  }
  EXPECT_THAT([] { ParseCeilingName("ceiling/gemm/precision:fp31/size:1"); },
              ThrowsMessage<InputError>(HasSubstr("did you mean 'fp32'")));
}

TEST(Ceilings, CountTwoFlopsForAMultiplyAddAndReadAndWrittenBytes) {
  EXPECT_EQ(WorkOf({.kind = Ceiling::Kind::kGemm, .size = 10}), 2000);
  EXPECT_EQ(WorkOf({.kind = Ceiling::Kind::kCopy, .size = 10}), 20);
}

}  // namespace
}  // namespace tbench
