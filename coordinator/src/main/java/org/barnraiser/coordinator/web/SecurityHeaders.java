package org.barnraiser.coordinator.web;

import io.javalin.http.Context;

/** What browsers are told so that a page can only do what it is meant to. */
final class SecurityHeaders {
    private final String policy;

    /**
     * Headers for pages that carry one import map.
     *
     * @param importMapHash the only inline script there is, as a source of the policy
     */
    SecurityHeaders(String importMapHash) {
        policy = "default-src 'none'; script-src 'self' " + importMapHash
                + "; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    void set(Context ctx) {
        ctx.header("Content-Security-Policy", policy)
                .header("Referrer-Policy", "no-referrer")
                .header("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
                .header("Cross-Origin-Opener-Policy", "same-origin")
                .header("Cross-Origin-Resource-Policy", "same-origin");
    }
}
