package org.barnraiser.testing.kube;

/**
 * ServiceMonitor and PrometheusRule as definitions for an API server that does not know them: the fields that Barnraiser uses, by the names and
 * types that Prometheus' operator gives them. Others are refused, or dropped.
 */
public final class MonitoringKinds {
    /** A List, as JSON. */
    public static final String JSON = """
                                      {"apiVersion":"v1","kind":"List","items":[%s,%s]}""".formatted(
            definition("ServiceMonitor",
                    """
                    {"type":"object","required":["selector","endpoints"],"properties":{
                      "selector":{"type":"object","properties":{
                        "matchLabels":{"type":"object","additionalProperties":{"type":"string"}}}},
                      "endpoints":{"type":"array","items":{"type":"object","properties":{
                        "port":{"type":"string"},"path":{"type":"string"},"scheme":{"type":"string"},
                        "interval":{"type":"string","pattern":"^[0-9]+(ms|s|m|h)$"},
                        "authorization":{"type":"object","properties":{"type":{"type":"string"},
                          "credentials":{"type":"object","required":["key"],"properties":{
                            "name":{"type":"string"},"key":{"type":"string"},"optional":{"type":"boolean"}}}}}}}}}}"""),
            definition("PrometheusRule",
                    """
                    {"type":"object","properties":{"groups":{"type":"array","items":{"type":"object",
                      "required":["name"],"properties":{"name":{"type":"string"},"interval":{"type":"string"},
                      "rules":{"type":"array","items":{"type":"object","required":["expr"],"properties":{
                        "alert":{"type":"string"},"record":{"type":"string"},"for":{"type":"string"},
                        "expr":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},
                        "labels":{"type":"object","additionalProperties":{"type":"string"}},
                        "annotations":{"type":"object","additionalProperties":{"type":"string"}}}}}}}}}}"""));

    private MonitoringKinds() {}

    private static String definition(String kind, String spec) {
        String plural = kind.toLowerCase(java.util.Locale.ROOT) + "s";
        return """
               {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
                "metadata":{"name":"%1$s.monitoring.coreos.com"},
                "spec":{"group":"monitoring.coreos.com","scope":"Namespaced",
                 "names":{"kind":"%2$s","listKind":"%2$sList","plural":"%1$s","singular":"%3$s"},
                 "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":
                  {"type":"object","required":["spec"],"properties":{"apiVersion":{"type":"string"},"kind":{"type":"string"},
                   "metadata":{"type":"object"},"spec":%4$s}}}}]}}"""
                .formatted(plural, kind, kind.toLowerCase(java.util.Locale.ROOT), spec);
    }
}
