/** Of a library. */
public class Greeting {
  public static String to(String name) {
    return "hello " + name;
  }
}
