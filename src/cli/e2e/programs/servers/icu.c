/* Stands for the ICU of Debian 12 when a program is linked. */
void u_getVersion_72(unsigned char version[4]) { version[0] = 0; }
