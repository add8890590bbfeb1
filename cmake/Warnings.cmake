# tbench_options: what every target of the project is compiled with.
option(TBENCH_WERROR "Treat compiler warnings as errors" OFF)
option(TBENCH_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# CMake 3.25 knows no CUDA 20 for nvcc 13.
set(CMAKE_CUDA_STANDARD 17)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)

add_library(tbench_options INTERFACE)
target_include_directories(tbench_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(tbench_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
    -Woverloaded-virtual -Wimplicit-fallthrough -Wno-missing-field-initializers>
  # g++ 12 warns inside its own library: of overlapping copies in std::string's operator+ (gcc bug 105651), of
  # uninitialized values in std::optional and std::regex (105562).
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict -Wno-maybe-uninitialized>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${TBENCH_WERROR}>>:-Werror>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${TBENCH_SANITIZE}>>:-fsanitize=address,undefined -fno-sanitize-recover=all>)
target_link_options(tbench_options INTERFACE
  $<$<BOOL:${TBENCH_SANITIZE}>:-fsanitize=address,undefined>)
