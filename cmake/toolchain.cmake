# Language level, warnings, compiler cache, linker, sanitizers: the same for every target, so that
# one precompiled header serves all of them.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(PHOTON_SANITIZE "" CACHE STRING "empty, address or thread")
option(PHOTON_COVERAGE "tell the fuzzer what its inputs reach" OFF)
option(PHOTON_WERROR "treat warnings as errors" ON)

# The cache is told to forget where the checkout lies: a clean clone then hits what another one compiled.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(PHOTON_WERROR)
  add_compile_options(-Werror)
endif()
# g++ 12 reports uses of uninitialised memory inside libstdc++ and Boost.Asio that are none (GCC PR 105562).
add_compile_options(-Wno-maybe-uninitialized -Wno-restrict)
# g++ 14 does the same with bounds, and takes a reference that a function hands on for a dangling one.
if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
  add_compile_options(-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-dangling-reference)
endif()
# In what ships g++ 12 does so, too: inlined std::string operations seem to copy more than there is memory.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
add_compile_options("$<$<CONFIG:Release>:-Wno-stringop-overflow;-Wno-array-bounds>")
add_compile_options(-fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_compile_options(-fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  add_compile_options(-mbranch-protection=standard)
endif()
add_compile_options(-fpch-preprocess -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
add_link_options(-Wl,-z,relro,-z,now)
# What a sanitizer's runtime cannot enter (static programs) is built plain.
if(PHOTON_SANITIZE)
  set(PHOTON_PLAIN -fno-sanitize=all)  # see devenv/inside
endif()
if(PHOTON_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
  if(PHOTON_COVERAGE)
    add_compile_options(-fsanitize-coverage=trace-pc)  # tests/fuzz/coverage.cpp hears of every edge
  endif()
elseif(PHOTON_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  add_link_options(-fsanitize=thread)
elseif(NOT CMAKE_CXX_FLAGS MATCHES "_FORTIFY_SOURCE=")  # a package's flags bring their own
  add_compile_definitions($<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
