# Calls main and exits with what it returns. The stack pointer is the machine's own.
.globl _start
_start:
.option push
.option norelax
  la gp, __global_pointer$
.option pop
  call main
  li a7, 93
  ecall
