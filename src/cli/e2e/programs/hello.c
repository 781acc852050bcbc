/* Says who it is, what time it is at a fixed moment in the zone of TZ, and whether it can write to the root. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  time_t moment = 1700000000;
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", localtime(&moment));
  printf("uid %d gid %d\n", (int)getuid(), (int)getgid());
  printf("time %s\n", text);
  FILE *file = fopen("/file", "w");
  printf("write %s\n", file ? "possible" : strerror(errno));
  return 0;
}
