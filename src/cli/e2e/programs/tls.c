/* Connects to localhost:PORT by TLS and verifies the server's certificate with the default trust of the image. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>

int main(int count, char **arguments) {
  if (count != 2) return 64;
  char host[64];
  snprintf(host, sizeof host, "localhost:%s", arguments[1]);
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (!context || SSL_CTX_set_default_verify_paths(context) != 1) return 65;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  BIO *connection = BIO_new_ssl_connect(context);
  SSL *ssl = NULL;
  BIO_get_ssl(connection, &ssl);
  SSL_set1_host(ssl, "localhost");
  SSL_set_tlsext_host_name(ssl, "localhost");
  BIO_set_conn_hostname(connection, host);
  if (BIO_do_connect(connection) != 1) {
    printf("refused: %s\n", X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
    return 1;
  }
  BIO_puts(connection, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
  char answer[1024];
  int length;
  while ((length = BIO_read(connection, answer, sizeof answer)) > 0) fwrite(answer, 1, length, stdout);
  printf("\n%s\n", SSL_get_version(ssl));
  BIO_free_all(connection);
  return 0;
}
