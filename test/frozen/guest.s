# Reads two words, mixes them, asks an effect, writes the result.
_start:
  li a7, 1024
  ecall
  mv s0, a0
  ecall
  mul t0, a0, s0
  divu t1, t0, s0
  rem t2, a0, s0
  la s1, area
  sw t0, 0(s1)
  sb t2, 1(s1)
  lh t3, 0(s1)
  sra t4, t3, s0
  xor t4, t4, t1
  li a0, 9
  li a7, 1026
  ecall
  mulhu t5, t4, t0
  sltu t6, t5, t4
  add a0, t5, t6
  li a7, 1025
  ecall
  jal ra, leaf
  li a7, 93
  ecall
leaf:
  li a0, 1
  ret
.data
area:
  .word 0
