/* Says the version of the ICU that it finds when it runs. */
#include <stdio.h>

void u_getVersion_72(unsigned char version[4]);

int main(void) {
  unsigned char version[4] = {0};
  u_getVersion_72(version);
  printf("ICU %d\n", version[0]);
  return 0;
}
