/* A library of the application's own. */
const char *greeting(void) { return "a library of its own"; }
