/* Needs a library that only its builder has. */
int PQlibVersion(void);

int main(void) { return PQlibVersion(); }
