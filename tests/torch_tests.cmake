# The tests that need LibTorch, or a Python that has it. CI runs them with what is released.

# Where none is named, the system's may have SciPy and torch; tests that lack theirs are skipped.
set(python ${tbench_python})
if(NOT python)
  set(python python3)
endif()

tbench_test(torch_test SOURCES benchmarks/torch/composed_step_test.cpp model/composed/transformer_test.cpp
            LIBRARIES tbench_torch fmt::fmt-header-only LABELS torch)
tbench_test(gpu_test SOURCES benchmarks/torch/gpu_test.cpp
            LIBRARIES tbench_torch fmt::fmt-header-only nlohmann_json::nlohmann_json LABELS torch gpu)
tbench_test(kernels_gpu_test ONE_PROCESS
            SOURCES model/kernels/adamw_test.cpp model/kernels/causal_softmax_test.cpp
                    model/kernels/cross_entropy_test.cpp model/kernels/embedding_test.cpp
                    model/kernels/hopper/hopper_support_test.cpp
                    model/kernels/hopper/rope_gemm_test.cpp model/kernels/hopper/swiglu_gemm_test.cpp
                    model/kernels/rms_norm_test.cpp model/kernels/rope_test.cpp
                    model/kernels/short_attention_test.cpp model/kernels/swiglu_test.cpp
            LIBRARIES tbench_kernels torch LABELS torch gpu)

tbench_test(fused_step_gpu_test SOURCES benchmarks/torch/fused_step_gpu_test.cpp model/fused/cuda_graph_test.cpp
            model/fused/weight_gradients_test.cpp
            LIBRARIES tbench_torch fmt::fmt-header-only LABELS torch gpu)
tbench_test(fp32x3_gpu_test SOURCES model/kernels/fp32x3_gemm_test.cpp
            LIBRARIES tbench_kernels torch fmt::fmt-header-only LABELS torch gpu)

add_library(tbench_spin_kernels STATIC benchmarks/torch/spin_kernels.cu)
target_link_libraries(tbench_spin_kernels PRIVATE tbench_options)
tbench_test(timer_gpu_test SOURCES benchmarks/torch/timer_gpu_test.cpp
            LIBRARIES tbench_torch tbench_verdicts tbench_spin_kernels fmt::fmt-header-only LABELS torch gpu)
add_executable(slow_transformer_bench benchmarks/torch/slow_transformer_bench.cpp)
target_link_libraries(slow_transformer_bench PRIVATE tbench_torch tbench_program tbench_spin_kernels)
add_test(NAME gate_on_a_gpu
         COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/benchmarks/torch/gate_gpu_test.py $<TARGET_FILE:transformer_bench>
                 $<TARGET_FILE:slow_transformer_bench> $<TARGET_FILE:tbench_gate>)
set_tests_properties(gate_on_a_gpu PROPERTIES LABELS "torch;gpu" RUN_SERIAL TRUE SKIP_RETURN_CODE 77 TIMEOUT 900)

# The C++ step against the reference in Python, tensor by tensor.
add_executable(parity_dump model/composed/parity_dump.cpp)
target_link_libraries(parity_dump PRIVATE tbench_torch)
add_test(NAME parity.reference_model
         COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/model/composed/reference_model_test.py)
foreach(case cpu-fp32 cpu-bf16 cuda-fp32 cuda-tf32 cuda-bf16)
  string(REPLACE "-" ";" case_parts ${case})
  list(GET case_parts 0 device)
  list(GET case_parts 1 precision)
  foreach(attention naive sdpa)
    set(test parity.${device}.${precision}.${attention})
    add_test(NAME ${test}
             COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/model/composed/parity.sh $<TARGET_FILE:parity_dump> ${python}
                     ${precision} ${attention} ${device})
    set_tests_properties(${test} PROPERTIES LABELS "torch" SKIP_RETURN_CODE 77)
    if(device STREQUAL cuda)
      set_tests_properties(${test} PROPERTIES LABELS "torch;gpu" RUN_SERIAL TRUE)
    endif()
  endforeach()
endforeach()
set_tests_properties(parity.reference_model PROPERTIES LABELS torch)

# transformer_bench as it is built where there is no GPU.
add_executable(cpu_transformer_bench ${PROJECT_SOURCE_DIR}/benchmarks/transformer_bench.cpp)
target_link_libraries(cpu_transformer_bench PRIVATE tbench_torch_without_kernels tbench_program)
add_test(NAME without_kernels.measures_a_cpu
         COMMAND cpu_transformer_bench --device cpu --models tiny --contexts 16 --attention naive,sdpa --warmups 0 --trials 2)
add_test(NAME without_kernels.refuses_a_gpu COMMAND cpu_transformer_bench --device cuda)
set_tests_properties(without_kernels.measures_a_cpu PROPERTIES LABELS torch)
set_tests_properties(without_kernels.refuses_a_gpu PROPERTIES LABELS "torch;gpu" RUN_SERIAL TRUE
                     PASS_REGULAR_EXPRESSION "built without CUDA kernels" SKIP_REGULAR_EXPRESSION "CUDA sees 0 GPUs here")

# Whole programs with the real step. They start processes that use every core: one at a time.
add_test(NAME compare_py
         COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/compare_test.py $<TARGET_FILE:tbench_sweep>
                 $<TARGET_FILE:transformer_bench>)
add_test(NAME readme
         COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/readme_test.py ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}
                 ${python})
set_tests_properties(compare_py readme PROPERTIES LABELS torch RUN_SERIAL TRUE SKIP_RETURN_CODE 77 TIMEOUT 600)

add_executable(print_statistics analysis/statistics/print_statistics.cpp)
target_link_libraries(print_statistics PRIVATE tbench_verdicts tbench_options fmt::fmt)
add_test(NAME statistics.against_scipy
         COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/analysis/statistics/statistics_against_scipy.py
                 $<TARGET_FILE:print_statistics>)
add_test(NAME pytorch_peer
         COMMAND ${python} ${CMAKE_CURRENT_SOURCE_DIR}/benchmarks/peers/pytorch_peer_test.py $<TARGET_FILE:tbench_summarize>
                 $<TARGET_FILE:transformer_bench>)
set_tests_properties(statistics.against_scipy pytorch_peer PROPERTIES LABELS torch SKIP_RETURN_CODE 77 TIMEOUT 300)
