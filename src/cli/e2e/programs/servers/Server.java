import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Serves what a library and a resource of the archive say, with the release of Java. */
public class Server {
  public static void main(String[] arguments) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.createContext("/", exchange -> {
      try (InputStream resource = Server.class.getResourceAsStream("/name.txt")) {
        String name = new String(resource.readAllBytes(), StandardCharsets.UTF_8).trim();
        String text = Greeting.to(name) + " from Java " + Runtime.version().feature();
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
      exchange.close();
    });
    server.start();
  }
}
