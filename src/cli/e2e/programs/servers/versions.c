/* Says the versions of libpq and of OpenSSL that it finds when it runs. */
#include <stdio.h>

int PQlibVersion(void);
const char *OpenSSL_version(int what);

int main(void) {
  printf("libpq %d\n%s\n", PQlibVersion() / 10000, OpenSSL_version(0));
  return 0;
}
