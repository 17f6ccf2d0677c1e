# Lays out the native jar: liblockstep.so, and the list of all libraries that a user unpacks with their SHA-256, size and
# Maven coordinates. Variables: library, dependencies, folder, resource, artifact, dnnl_artifact, openblas_artifact.
file(MAKE_DIRECTORY ${folder}/${resource})
file(COPY_FILE ${library} ${folder}/${resource}/liblockstep.so ONLY_IF_DIFFERENT)

set(lines "")
function(add_library_line path resource_name coordinates)
  file(SHA256 ${path} hash)
  file(SIZE ${path} size)
  set(lines "${lines}${hash} ${size} ${resource_name} ${coordinates}\n" PARENT_SCOPE)
endfunction()

add_library_line(${library} ${resource}/liblockstep.so ${artifact})
foreach(name dnnl/libdnnl.so.3 dnnl/libgomp.so.1 openblas/libopenblas.so.0 openblas/libgfortran.so.5
        openblas/libquadmath.so.0)
  get_filename_component(group ${name} DIRECTORY)
  get_filename_component(file ${name} NAME)
  set(entry org/bytedeco/${group}/linux-x86_64/${file})
  add_library_line(${dependencies}/${group}/${entry} ${entry} ${${group}_artifact})
endforeach()
file(CONFIGURE OUTPUT ${folder}/${resource}/libraries CONTENT "${lines}" @ONLY)
