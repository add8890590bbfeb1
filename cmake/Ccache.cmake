# Compilations are cached by ccache where there is one and nobody named another launcher.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(TBENCH_CCACHE ccache DOC "ccache; empty: compilations are not cached")
  if(TBENCH_CCACHE)
    # Precompiled headers are cached if defines and times may differ; another checkout's entries serve if paths are
    # relative; the compiler's own list of included files saves preprocessing a source only to look it up.
    set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 ${TBENCH_CCACHE})
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  endif()
endif()
