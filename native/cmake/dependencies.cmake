# oneDNN and OpenBLAS: headers and libraries from bytedeco's Maven jars. LOCKSTEP_DNNL_DIR and LOCKSTEP_OPENBLAS_DIR name
# the folders where these jars are unpacked; without them Maven's build folder is looked at, then Maven unpacks them here.
set(LOCKSTEP_DNNL_DIR "" CACHE PATH "Where org.bytedeco:dnnl (linux-x86_64) is unpacked")
set(LOCKSTEP_OPENBLAS_DIR "" CACHE PATH "Where org.bytedeco:openblas (linux-x86_64) is unpacked")
set(lockstep_unpack_plugin org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack)

function(unpack_with_maven artifact folder)
  find_program(LOCKSTEP_MAVEN mvn)
  if(NOT LOCKSTEP_MAVEN)
    message(FATAL_ERROR "${artifact} is needed and mvn, which unpacks it, is missing. Install it: apt-get install -y maven")
  endif()
  message(STATUS "Unpacking ${artifact}")
  execute_process(
    COMMAND ${LOCKSTEP_MAVEN} -q -B ${lockstep_unpack_plugin} -Dartifact=${artifact} -DoutputDirectory=${folder}
            -Dmdep.unpack.excludes=META-INF/**,**/libjni*
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "Maven could not unpack ${artifact}:\n${output}")
  endif()
endfunction()

# Sets <folder_variable> to the folder that holds header and library, inside the unpacked jar.
function(locate_dependency name artifact header chosen folder_variable)
  set(suffix org/bytedeco/${name}/linux-x86_64)
  if(chosen)
    set(candidates ${chosen})
  else()
    set(candidates ${CMAKE_CURRENT_SOURCE_DIR}/target/dependencies/${name} ${CMAKE_BINARY_DIR}/dependencies/${name})
  endif()
  foreach(attempt RANGE 1)
    foreach(candidate ${candidates})
      foreach(folder ${candidate} ${candidate}/${suffix})
        if(EXISTS ${folder}/include/${header})
          set(${folder_variable} ${folder} PARENT_SCOPE)
          return()
        endif()
      endforeach()
    endforeach()
    if(chosen)
      message(FATAL_ERROR "${name}: no include/${header} in ${chosen}. Unpack ${artifact} there.")
    endif()
    if(attempt EQUAL 0)
      unpack_with_maven(${artifact} ${CMAKE_BINARY_DIR}/dependencies/${name})
    endif()
  endforeach()
  message(FATAL_ERROR "${name}: ${artifact} holds no include/${header}.")
endfunction()

locate_dependency(dnnl org.bytedeco:dnnl:3.11-1.5.13:jar:linux-x86_64 dnnl.h "${LOCKSTEP_DNNL_DIR}" dnnl_folder)
locate_dependency(openblas org.bytedeco:openblas:0.3.31-1.5.13:jar:linux-x86_64 cblas.h "${LOCKSTEP_OPENBLAS_DIR}"
  openblas_folder)

set(dnnl_libraries ${dnnl_folder}/libdnnl.so.3 ${dnnl_folder}/libgomp.so.1)
set(openblas_libraries ${openblas_folder}/libopenblas.so.0 ${openblas_folder}/libgfortran.so.5
  ${openblas_folder}/libquadmath.so.0)

foreach(name dnnl openblas)
  add_library(lockstep_${name} INTERFACE)
  target_include_directories(lockstep_${name} SYSTEM INTERFACE ${${name}_folder}/include)
  target_link_libraries(lockstep_${name} INTERFACE ${${name}_libraries})
endforeach()

# $ORIGIN as only run path: the build folder then looks like the folder that users unpack.
function(link_dependencies_next_to_library)
  foreach(library ${dnnl_libraries} ${openblas_libraries})
    get_filename_component(name ${library} NAME)
    file(CREATE_LINK ${library} ${CMAKE_CURRENT_BINARY_DIR}/${name} SYMBOLIC)
  endforeach()
endfunction()
