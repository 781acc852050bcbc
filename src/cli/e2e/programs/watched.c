/* Says TEXT and its arguments, then waits for SIGTERM and says so; it does not end at that if STUBBORN is defined. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int count, char **arguments) {
  sigset_t signals;
  int number;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, 0);
  printf("%s by %d", TEXT, (int)getuid());
  for (int at = 1; at < count; at++) printf(" %s", arguments[at]);
  printf("\n");
  fflush(stdout);
#ifdef CODE
  return CODE;
#endif
  do sigwait(&signals, &number);
#ifdef STUBBORN
  while (1);
#else
  while (0);
#endif
  printf("end of %s\n", TEXT);
  return 0;
}
