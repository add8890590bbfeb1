#include "benchmarks/names/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/support/input_error.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const std::string kName =
    "peer/implementation:compile_graph/model:small/context:128/pass:forward_backward/precision:bf16/batch:4/warmups:5";

TEST(Peers, AreRebuiltFromTheirNames) {
  const Peer peer = ParsePeerName(kName);
  EXPECT_EQ(peer.implementation, "compile_graph");
  EXPECT_EQ(CaseName(peer.step),
            "transformer_step/model:small/context:128/pass:forward_backward/precision:bf16/attention:sdpa/"
            "kernels:composed/launch:graph/batch:4/warmups:5");
  EXPECT_EQ(PeerName(peer), kName);
  EXPECT_EQ(ParsePeerName(kName + "/iterations:1/repeats:10/manual_time"), peer);
  for (const std::string& implementation : PeerImplementations()) {
    std::string name = kName;
    name.replace(name.find("compile_graph"), 13, implementation);
    EXPECT_EQ(PeerName(ParsePeerName(name)), name);
  }
}

TEST(Peers, ThatAreStrongestHoldAStepInOneGraph) {
  EXPECT_EQ(StrongestPeerImplementations(), (std::vector<std::string>{"whole_graph", "merged_graph"}));
}

TEST(Peers, OfAnotherFormAreRefused) {
  const auto parse = [](const std::string& from, const std::string& to) {
    std::string name = kName;
    return ParsePeerName(name.replace(name.find(from), from.size(), to));
  };
  EXPECT_THAT([] { ParsePeerName("ceiling/launch"); }, ThrowsMessage<InputError>(HasSubstr("is not a peer case")));
  EXPECT_THAT([&] { parse("compile_graph", "compile_grph"); },
              ThrowsMessage<InputError>(HasSubstr("did you mean 'compile_graph'?")));
  EXPECT_THAT([&] { parse("bf16", "fp16"); }, ThrowsMessage<InputError>(HasSubstr("unknown precision 'fp16'")));
  EXPECT_THAT([&] { parse("/batch:4", ""); }, ThrowsMessage<InputError>(HasSubstr("expected batch:VALUE")));
  EXPECT_THAT([&] { parse("/batch:4", "/batch:4/launch:graph"); },
              ThrowsMessage<InputError>(HasSubstr("expected warmups:VALUE")));
}

}  // namespace
}  // namespace tbench
