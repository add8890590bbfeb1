#include "benchmarks/harness/profile.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

GpuActivity Activity(const std::string& name, double start, double end) {
  return {.name = name, .start = Microseconds(start), .end = Microseconds(end)};
}

TEST(Profile, CountsTimeInWhichSeveralKernelsRunOnce) {
  const StepProfile profile =
      Summarize({Activity("sgemm", 30, 40), Activity("sgemm", 0, 10), Activity("softmax", 5, 20), Activity("x", 6, 7)});
  EXPECT_EQ(profile.kernels, 4);
  EXPECT_EQ(profile.busy.count(), 30);  // 0 to 20, 30 to 40
  EXPECT_EQ(profile.span.count(), 40);
  EXPECT_EQ(profile.of(KernelClass::kMatmul).count(), 20);
  EXPECT_EQ(profile.of(KernelClass::kSoftmax).count(), 15);
  EXPECT_EQ(profile.of(KernelClass::kOther).count(), 1);
}

TEST(Profile, OfNothingIsEmpty) {
  EXPECT_EQ(Summarize({}).kernels, 0);
  EXPECT_EQ(Summarize({}).busy.count(), 0);
}

// Names as a profiler gave them on an H200.
struct Named {
  const char* kernel;
  KernelClass kernel_class;
};
void PrintTo(const Named& named, std::ostream* out) { *out << named.kernel; }

class KernelNames : public testing::TestWithParam<Named> {};

TEST_P(KernelNames, TellTheirClass) { EXPECT_EQ(NameOf(ClassOf(GetParam().kernel)), NameOf(GetParam().kernel_class)); }

INSTANTIATE_TEST_SUITE_P(
    All, KernelNames,
    testing::Values(
        Named{"void cutlass::Kernel2<cutlass_80_simt_sgemm_128x256_8x4_nt_align1>(…)", KernelClass::kMatmul},
        Named{"sm80_xmma_gemm_f32f32_f32f32_f32_tn_n_tilesize64x256x8_stage3_…", KernelClass::kMatmul},
        Named{"nvjet_sm90_tst_128x64_64x8_1x2_h_bz_NNT", KernelClass::kMatmul},
        Named{"void cublasLt::splitKreduce_kernel<32, 16, int, float, …>(…)", KernelClass::kMatmul},
        Named{"cudnn_generated_fort_native_sdpa_sm90_flash_bprop_wgmma_f16_…", KernelClass::kAttention},
        Named{"fmha_cutlassF_f32_aligned_64x64_rf_sm80(…)", KernelClass::kAttention},
        Named{"void (anonymous namespace)::softmax_warp_forward<float, float, float, 8, false, false>(…)",
              KernelClass::kSoftmax},
        Named{
            "void at::native::(anonymous namespace)::multi_tensor_apply_kernel<…FusedOptimizerTensorListMetadata<4>…>",
            KernelClass::kOptimizer},
        Named{"void at::native::elementwise_kernel<128, 2, …direct_copy_kernel_cuda(…)…>", KernelClass::kCopy},
        Named{"Memcpy DtoD (Device -> Device)", KernelClass::kCopy},
        Named{"void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<float>, …>",
              KernelClass::kElementwise},
        Named{"void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::MeanOps<…>…>>",
              KernelClass::kReduction},
        Named{"void cudnn::fusion::compute_dot_do_o<true>(…)", KernelClass::kAttention},
        Named{"void tbench::kernels::(anonymous namespace)::RmsNormBackwardKernel<__nv_bfloat16, 1, …>(…)",
              KernelClass::kNorm},
        Named{"void tbench::kernels::(anonymous namespace)::CausalSoftmaxForwardKernel<float>(…)",
              KernelClass::kSoftmax},
        Named{"void tbench::kernels::(anonymous namespace)::Fp32x3GemmKernel<…>(…)", KernelClass::kMatmul},
        Named{"void tbench::kernels::(anonymous namespace)::ShortAttentionForwardKernel<64>(…)",
              KernelClass::kAttention},
        Named{"tbench::kernels::(anonymous namespace)::FillKernel(…)", KernelClass::kCopy},
        Named{"void tbench::kernels::hopper::GemmWithEpilogueKernel<256, tbench::kernels::(anonymous namespace)::"
              "SwiGluEpilogue>(…)",
              KernelClass::kMatmul},
        Named{"void tbench::kernels::hopper::GemmWithEpilogueKernel<256, tbench::kernels::(anonymous namespace)::"
              "RopeEpilogue>(…)",
              KernelClass::kMatmul},
        Named{"void tbench::kernels::(anonymous namespace)::SwiGluGemmBackwardKernel<256>(…)", KernelClass::kMatmul},
        Named{"void tbench::kernels::(anonymous namespace)::SwiGluForwardKernel<float>(…)", KernelClass::kElementwise},
        Named{"void tbench::kernels::(anonymous namespace)::RopeKernel<float, false>(…)", KernelClass::kElementwise},
        Named{"void tbench::kernels::(anonymous namespace)::AdamWUpdateKernel<float>(…)", KernelClass::kOptimizer},
        Named{"a_kernel_of_tomorrow", KernelClass::kOther}));

}  // namespace
}  // namespace tbench
