/* Asks the C library's name services: hosts, accounts, services and protocols. */
#include <arpa/inet.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  struct addrinfo hints, *found;
  memset(&hints, 0, sizeof hints);
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  int status = getaddrinfo("localhost", "https", &hints, &found);
  if (status != 0) {
    printf("localhost: %s\n", gai_strerror(status));
    return 1;
  }
  struct sockaddr_in *address = (struct sockaddr_in *)found->ai_addr;
  printf("localhost %s port %d\n", inet_ntoa(address->sin_addr), ntohs(address->sin_port));
  struct passwd *user = getpwuid(getuid());
  if (!user) return 2;
  printf("user %s home %s shell %s\n", user->pw_name, user->pw_dir, user->pw_shell);
  struct protoent *protocol = getprotobyname("udp");
  if (!protocol) return 3;
  printf("udp %d\n", protocol->p_proto);
  return 0;
}
