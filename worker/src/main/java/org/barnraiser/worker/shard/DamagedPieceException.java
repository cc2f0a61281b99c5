package org.barnraiser.worker.shard;

/** Bytes whose sha256 is not the promised one. */
public final class DamagedPieceException extends ShardException {
    private static final long serialVersionUID = 1L;

    private final String tensorName;

    DamagedPieceException(String tensorName, String where) {
        super("The bytes of tensor " + tensorName + " " + where
                + " are damaged: their sha256 is not the model's; check the model's file with \"barn model verify\".");
        this.tensorName = tensorName;
    }

    /** The damaged tensor, by its name in the whole model. */
    public String tensorName() {
        return tensorName;
    }
}
