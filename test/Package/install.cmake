# Installs the build tree into an empty folder, moves it, checks what is there, and builds and runs a small C and C++ project
# on it. cmake -D BUILD=… -D SOURCE=… -D WORK=… -D PTXAS=… -D C=… -D CXX=… -P install.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "expects status 0 of ${ARGN}, got ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/installed)
file(RENAME ${WORK}/installed ${WORK}/moved)
foreach(file include/attn-c/Runtime.h include/attn/attn.hpp lib/libattn_runtime.so lib/libattn_compiler.so
    lib/cmake/AttnMLIR/AttnMLIRConfig.cmake bin/attn-opt bin/attn-compile)
  if(NOT EXISTS ${WORK}/moved/${file})
    message(FATAL_ERROR "expects ${file} in the installed tree, got none")
  endif()
endforeach()

# Nothing may point back to the build tree: it is not there on a user's machine.
file(GLOB binaries ${WORK}/moved/bin/* ${WORK}/moved/lib/*.so.*)
foreach(binary ${binaries})
  run(readelf -d ${binary})
  if(output MATCHES "R(UN)?PATH[^\n]*(${BUILD})")
    message(FATAL_ERROR "expects ${binary} to find its libraries relative to itself, got\n${output}")
  endif()
endforeach()

run(${WORK}/moved/bin/attn-compile ${SOURCE}/docs/examples/mha.mlir --target=sm_90a -o ${WORK}/mha.attn)
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK}/consumer -G Ninja -DCMAKE_PREFIX_PATH=${WORK}/moved
  -DCMAKE_C_COMPILER=${C} -DCMAKE_CXX_COMPILER=${CXX} "-DCMAKE_C_FLAGS=${FLAGS}" "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build ${WORK}/consumer)
run(${WORK}/consumer/load-image ${WORK}/mha.attn)
message("${output}")
run(${WORK}/consumer/run-image)
message("${output}")
file(REMOVE_RECURSE ${WORK})
