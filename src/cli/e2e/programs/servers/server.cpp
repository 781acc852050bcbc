// Serves by HTTP what the library of its own says, a thread a connection.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#ifdef GREETING
extern "C" const char *greeting(void);
#else
static const char *greeting(void) { return "c++"; }
#endif

static void serve(int connection) {
  char request[1024];
  std::string body;
  try {
    if (read(connection, request, sizeof request) <= 0) throw std::runtime_error("no request");
    body = greeting();
  } catch (const std::exception &error) {
    body = error.what();
  }
  const std::string answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
                             std::to_string(body.size()) + "\r\n\r\n" + body;
  if (write(connection, answer.data(), answer.size()) < 0) std::cerr << "no answer\n";
  close(connection);
}

int main() {
  const int listener = socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(8080);
  address.sin6_addr = in6addr_any;
  if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 || listen(listener, 16) != 0) {
    std::cerr << "no port\n";
    return 1;
  }
  for (;;) std::thread(serve, accept(listener, nullptr, nullptr)).detach();
}
