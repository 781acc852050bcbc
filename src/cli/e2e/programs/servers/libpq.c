/* Stands for libpq when a program is linked. */
int PQlibVersion(void) { return 0; }
