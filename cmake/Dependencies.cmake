# Finds what the project builds on. cmake/setup.sh installs all of it.
set(TBENCH_PYTHON "" CACHE STRING "Python that has torch; empty: .venv's")
if(DEFINED ENV{TBENCH_PYTHON} AND NOT TBENCH_PYTHON STREQUAL "$ENV{TBENCH_PYTHON}")
  # Another one than this build folder knows: look for its LibTorch anew.
  set(TBENCH_PYTHON "$ENV{TBENCH_PYTHON}" CACHE STRING "Python that has torch; empty: .venv's" FORCE)
  unset(Torch_DIR CACHE)
  unset(Caffe2_DIR CACHE)
endif()
set(tbench_venv_python ${PROJECT_SOURCE_DIR}/.venv/bin/python)

# The Python that has torch, for finding LibTorch and for the tests that compare with PyTorch and NumPy.
set(tbench_python ${TBENCH_PYTHON})
if(NOT tbench_python AND EXISTS ${tbench_venv_python})
  set(tbench_python ${tbench_venv_python})
endif()

find_package(Threads REQUIRED)
# Not beside the programs on the PATH: an active conda has an fmt of its own there. CMAKE_PREFIX_PATH names another.
set(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH FALSE)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json 3.9 REQUIRED)
find_package(benchmark 1.7.1 REQUIRED)
if(TBENCH_TESTS)
  find_package(GTest REQUIRED)
endif()
unset(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH)

# Sets ${result} to the site-packages folder of ${tbench_python}, without importing torch (which takes seconds).
function(tbench_find_site_packages result)
  if(tbench_python)
    # Its own torch first: PYTHONPATH may name another.
    foreach(isolated -I "")
      execute_process(
        COMMAND ${tbench_python} ${isolated} -c
          "import importlib.util as u, pathlib as p; print(p.Path(u.find_spec('torch').origin).parent.parent)"
        OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
      if(status EQUAL 0)
        break()
      endif()
    endforeach()
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "${tbench_python} has no torch. Run cmake/setup.sh, or name a Python that has it with TBENCH_PYTHON.")
    endif()
    set(${result} ${path} PARENT_SCOPE)
  endif()
endfunction()

# PyPI's CUDA toolkit, which setup.sh installs and links only where no other of the right release is.
function(tbench_use_packaged_toolkit site_packages)
  set(toolkit ${site_packages}/nvidia/cu13)
  if(NOT EXISTS ${toolkit}/lib64 OR NOT EXISTS ${toolkit}/bin/nvcc)
    return()
  endif()
  set(CMAKE_CUDA_COMPILER ${toolkit}/bin/nvcc CACHE FILEPATH "CUDA compiler")
  set(CUDA_TOOLKIT_ROOT_DIR ${toolkit} CACHE PATH "CUDA toolkit")
  set(CUDAToolkit_ROOT ${toolkit} CACHE PATH "CUDA toolkit")
endfunction()

# Sets ${result} to the compute capabilities of this machine's GPUs; empty where there is none.
function(tbench_find_gpus result)
  find_program(nvidia_smi nvidia-smi NO_CACHE)
  if(nvidia_smi)
    execute_process(COMMAND ${nvidia_smi} --query-gpu=compute_cap --format=csv,noheader
                    OUTPUT_VARIABLE present OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
    if(status EQUAL 0 AND present MATCHES "^[0-9.\n]+$")
      string(REPLACE "\n" ";" present "${present}")
      list(REMOVE_DUPLICATES present)
      set(${result} ${present} PARENT_SCOPE)
    endif()
  endif()
endfunction()

# TorchConfig reads the variable, not CMAKE_CUDA_ARCHITECTURES. In the cache, since a later automatic configure does not
# see today's environment.
function(tbench_choose_gpu_architectures)
  set(architectures $ENV{TORCH_CUDA_ARCH_LIST})
  foreach(fallback "${tbench_gpus}" "8.0;9.0")
    if(NOT architectures)
      set(architectures ${fallback})
    endif()
  endforeach()
  set(TORCH_CUDA_ARCH_LIST "${architectures}" CACHE STRING "GPU architectures to compile for")
endfunction()

if(TBENCH_TORCH)
  # A LibTorch that the user names (CMAKE_PREFIX_PATH, Torch_DIR) wins.
  set(user_named_torch FALSE)
  string(REPLACE ":" ";" prefixes "$ENV{CMAKE_PREFIX_PATH}")
  foreach(prefix ${Torch_DIR} $ENV{Torch_DIR} ${CMAKE_PREFIX_PATH} ${prefixes})
    if(EXISTS ${prefix}/TorchConfig.cmake OR EXISTS ${prefix}/Torch/TorchConfig.cmake
       OR EXISTS ${prefix}/share/cmake/Torch/TorchConfig.cmake)
      set(user_named_torch TRUE)
    endif()
  endforeach()
  if(NOT user_named_torch)
    tbench_find_site_packages(site_packages)
    if(NOT site_packages)
      message(FATAL_ERROR "No LibTorch. Run cmake/setup.sh, or set CMAKE_PREFIX_PATH, Torch_DIR or TBENCH_PYTHON; "
                          "-DTBENCH_TORCH=OFF builds the programs that do not need it.")
    endif()
    list(APPEND CMAKE_PREFIX_PATH ${site_packages}/torch/share/cmake)
    tbench_use_packaged_toolkit(${site_packages})
  endif()
  tbench_find_gpus(tbench_gpus)
  tbench_choose_gpu_architectures()
  find_package(Torch 2.7 REQUIRED)
  if(NOT TARGET torch_cuda)
    message(FATAL_ERROR "This LibTorch is built without CUDA; transformer-bench needs a build with CUDA, which runs on CPUs too.")
  endif()
endif()
