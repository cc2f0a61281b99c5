package org.barnraiser.coordinator.doctor;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;

import static java.util.stream.Collectors.joining;

/** Whether this machine's own names lead to it: a worker that listens on all addresses tells others its host name. */
final class NamesCheck implements Check {
    private static final String ADVERTISE = "--listen or --advertise with an address that others reach";

    @Override
    public String subject() {
        return "names";
    }

    @Override
    public List<Finding> findings() {
        return List.of(localhostIsThisMachine()
                ? hostName()
                : Finding.broken(subject(),
                        "The name localhost does not lead to this machine.",
                        "Put '127.0.0.1 localhost' into /etc/hosts."));
    }

    private static boolean localhostIsThisMachine() {
        try {
            return InetAddress.getByName("localhost").isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }

    private Finding hostName() {
        try {
            InetAddress host = InetAddress.getLocalHost();
            String found = "This machine is " + host.getHostName() + ", which leads to " + host.getHostAddress();
            return Finding.ok(subject(), host.isLoopbackAddress()
                    ? found + ", so a worker that lends it to other machines needs " + ADVERTISE + own() + "."
                    : found + ".");
        } catch (UnknownHostException _) {
            return Finding.warning(subject(), "This machine's own name leads nowhere.",
                    "Put it into /etc/hosts, or start workers with " + ADVERTISE + own() + ".");
        }
    }

    private static String own() {
        try {
            String addresses = NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress()
                            && !address.isLinkLocalAddress())
                    .map(InetAddress::getHostAddress).limit(3).collect(joining(" or "));
            return addresses.isEmpty() ? "" : ", such as " + addresses;
        } catch (SocketException _) {
            return "";
        }
    }
}
