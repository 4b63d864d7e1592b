// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.
//
// step THREAD COUNT: steps through a thread, one instruction after the other, and writes where each one stands: eight bytes
// an address, to standard output. A system call counts as one instruction.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

int main(int count, char **words) {
  if (count != 3) return fprintf(stderr, "usage: step THREAD COUNT\n"), 2;
  pid_t thread = atoi(words[1]);
  long left = atol(words[2]);
  int status;
  if (ptrace(PTRACE_SEIZE, thread, 0, 0) || ptrace(PTRACE_INTERRUPT, thread, 0, 0)) return perror("ptrace"), 1;
  if (waitpid(thread, &status, __WALL) < 0) return perror("waitpid"), 1;
  while (left-- > 0) {
    struct user_regs_struct registers;
    if (ptrace(PTRACE_SINGLESTEP, thread, 0, 0)) return perror("step"), 1;
    if (waitpid(thread, &status, __WALL) < 0 || !WIFSTOPPED(status)) return 1;
    if (ptrace(PTRACE_GETREGS, thread, 0, &registers)) return perror("registers"), 1;
    fwrite(&registers.rip, sizeof registers.rip, 1, stdout);
  }
  ptrace(PTRACE_DETACH, thread, 0, 0);
  return 0;
}
