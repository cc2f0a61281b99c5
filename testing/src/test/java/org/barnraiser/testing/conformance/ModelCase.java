package org.barnraiser.testing.conformance;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.testing.models.Family;

/** One model on one library. */
record ModelCase(Family family, Library library) {

    /** These families on every library that is here and knows them. */
    static List<ModelCase> of(Family... families) throws Exception {
        List<ModelCase> cases = new ArrayList<>();
        for (Library library : Library.all()) {
            for (Family family : families) {
                if (Support.isExpected(family, library.abi())) {
                    cases.add(new ModelCase(family, library));
                }
            }
        }
        return cases;
    }

    @Override
    public String toString() {
        return family + " on " + library;
    }
}
