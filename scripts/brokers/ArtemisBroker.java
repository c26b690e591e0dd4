import java.io.File;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;

/** Apache Artemis with MQTT on a loopback port; its files lie in a folder. Usage: port folder */
class ArtemisBroker {
  public static void main(String[] arguments) throws Exception {
    var configuration = new ConfigurationImpl();
    configuration.setBrokerInstance(new File(arguments[1]));
    configuration.setPersistenceEnabled(true);
    configuration.setSecurityEnabled(false);
    configuration.setMaxDiskUsage(-1);
    configuration.addAcceptorConfiguration("mqtt", "tcp://127.0.0.1:" + arguments[0] + "?protocols=MQTT");
    var broker = new EmbeddedActiveMQ().setConfiguration(configuration);
    broker.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        broker.stop();
      } catch (Exception error) {
        error.printStackTrace();
      }
    }));
  }
}
