package org.barnraiser.worker.service;

import com.google.common.xml.XmlEscapers;
import java.util.stream.Collectors;

/** The text of a property list for launchd. */
final class LaunchdPlist {
    private LaunchdPlist() {}

    static String text(Service service, String label) {
        return """
               <?xml version="1.0" encoding="UTF-8"?>
               <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
               <plist version="1.0">
               <dict>
                 <key>Label</key>
                 <string>%s</string>
                 <key>ProgramArguments</key>
                 <array>
               %s
                 </array>
                 <key>EnvironmentVariables</key>
                 <dict>
                   <key>JAVA_HOME</key>
                   <string>%s</string>
                 </dict>
                 <key>RunAtLoad</key>
                 <true/>
                 <key>KeepAlive</key>
                 <dict>
                   <key>SuccessfulExit</key>
                   <false/>
                 </dict>
                 <key>ExitTimeOut</key>
                 <integer>60</integer>
                 <key>ProcessType</key>
                 <string>Background</string>
               </dict>
               </plist>
               """.formatted(escaped(label),
                service.command().stream().map(word -> "    <string>" + escaped(word) + "</string>")
                        .collect(Collectors.joining("\n")),
                escaped(service.javaHome().toString()));
    }

    private static String escaped(String text) {
        return XmlEscapers.xmlContentEscaper().escape(text);
    }
}
