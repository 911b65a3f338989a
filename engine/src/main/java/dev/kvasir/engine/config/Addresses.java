package dev.kvasir.engine.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What is known of addresses before they are bound. */
final class Addresses {
    private Addresses() {}

    /**
     * Returns whether only this machine can reach an address.
     *
     * @param setting the setting that has it, for the message if it's none
     */
    static boolean isLoopback(String setting, String host) {
        try {
            return !host.isBlank() && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new SettingsException(setting + " " + SettingValues.quoted(host) + " is no address of this machine");
        }
    }
}
