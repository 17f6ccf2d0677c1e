# Compiles src/cpu/isa/*.cpp once for each instruction set, with LS_ISA as the name of their namespace, into one object.
#
# An inline function (std::max, a template's instance) exists in all three objects and in the rest of the library under
# one name. The linker would keep any one copy, and a machine without AVX-512 could run the AVX-512 one. So the object's
# groups are dissolved, and every symbol outside lockstep::<isa> becomes local to it.
function(add_isa_object isa)
  add_library(lockstep_isa_${isa} OBJECT ${isa_sources})
  target_link_libraries(lockstep_isa_${isa} PRIVATE lockstep_options)
  target_compile_options(lockstep_isa_${isa} PRIVATE ${ARGN})
  target_compile_definitions(lockstep_isa_${isa} PRIVATE LS_ISA=${isa})

  set(joined ${CMAKE_CURRENT_BINARY_DIR}/isa_${isa}_joined.o)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/isa_${isa}.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CMAKE_LINKER} -r --force-group-allocation -o ${joined} $<TARGET_OBJECTS:lockstep_isa_${isa}>
    COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=_ZN8lockstep2${isa}* ${joined} ${object}
    DEPENDS lockstep_isa_${isa} $<TARGET_OBJECTS:lockstep_isa_${isa}>
    COMMENT "Joining the kernels for x86-64-${isa}"
    COMMAND_EXPAND_LISTS VERBATIM)
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  list(APPEND isa_objects ${object})
  set(isa_objects ${isa_objects} PARENT_SCOPE)
endfunction()
