import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.GraphicsEnvironment;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/** Draws a text into a PNG file and counts its dark points. */
public class Draw {
  public static void main(String[] arguments) throws Exception {
    BufferedImage image = new BufferedImage(200, 50, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, 200, 50);
    graphics.setColor(Color.BLACK);
    graphics.setFont(new Font("SansSerif", Font.PLAIN, 30));
    graphics.drawString("Text äß", 10, 35);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    System.out.println("headless: " + GraphicsEnvironment.isHeadless());
    System.out.println("written: " + ImageIO.write(image, "png", file) + " " + ImageIO.write(image, "jpg", new ByteArrayOutputStream()));
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(file.toByteArray()));
    long dark = Arrays.stream(read.getRGB(0, 0, 200, 50, null, 0, 200)).filter(point -> (point & 0xff) < 64).count();
    System.out.println("dark: " + (dark > 300 && dark < 3000));
    System.out.println("width: " + (graphics.getFontMetrics().stringWidth("WWW") > 2 * graphics.getFontMetrics().stringWidth("iii")));
    System.out.println("font: " + graphics.getFont().getFamily() + " " + graphics.getFont().canDisplay('ß'));
    String[] families = GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames();
    System.out.println("DejaVu: " + Arrays.asList(families).containsAll(List.of("DejaVu Sans", "DejaVu Sans Mono", "DejaVu Serif")));
    graphics.setFont(new Font("Monospaced", Font.PLAIN, 30));
    System.out.println("monospaced: " + (graphics.getFontMetrics().stringWidth("WWW") == graphics.getFontMetrics().stringWidth("iii")));
  }
}
