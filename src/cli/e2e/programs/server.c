/* Answers requests at port 8080: `/health` with 200, all others with 503. Its only argument `--health` ends it with 0. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void end(int signal) {
  (void)signal;
  _exit(0);
}

int main(int count, char **arguments) {
  if (count > 1 && strcmp(arguments[1], "--health") == 0) return 0;
  signal(SIGTERM, end);
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
  int server = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 16)) {
    perror("port 8080");
    return 1;
  }
  for (;;) {
    char request[4096] = "";
    int client = accept(server, 0, 0);
    ssize_t length = read(client, request, sizeof request - 1);
    int isWell = length > 0 && strncmp(request, "GET /health ", 12) == 0;
    dprintf(client, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            isWell ? "200 OK" : "503 Service Unavailable");
    close(client);
  }
}
