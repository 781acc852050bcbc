import java.nio.charset.Charset;
import java.security.KeyStore;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Says what the runtime knows of itself and of the image. */
public class Facts {
  public static void main(String[] arguments) throws Exception {
    String version = System.getProperty("java.version");
    say("feature", Runtime.version().feature());
    say("JAVA_VERSION is the version", version.equals(System.getenv("JAVA_VERSION")));
    say("shares classes", System.getProperty("java.vm.info").contains("sharing"));
    say("architecture", System.getProperty("os.arch"));
    say("charset", Charset.defaultCharset() + " " + System.getProperty("sun.jnu.encoding"));
    say("user", System.getProperty("user.name") + " " + System.getProperty("user.home"));
    say("time", Instant.ofEpochSecond(1700000000).atZone(ZoneId.systemDefault()));
    say("number", String.format(Locale.GERMANY, "%,.2f", 1234.5));
    say("more than 100 authorities", authorities() > 100);
    say("arguments", String.join(" ", arguments));
    say("Grüße", "世界");
  }

  /** How many certificates a client trusts that was told nothing. */
  private static int authorities() throws Exception {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    List<Object> found = new ArrayList<>();
    for (TrustManager manager : factory.getTrustManagers())
      if (manager instanceof X509TrustManager) found.addAll(List.of(((X509TrustManager) manager).getAcceptedIssuers()));
    return found.size();
  }

  private static void say(String what, Object value) {
    System.out.println(what + ": " + value);
  }
}
