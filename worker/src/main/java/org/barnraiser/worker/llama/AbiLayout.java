package org.barnraiser.worker.llama;

import java.util.List;

import static org.barnraiser.worker.llama.ParameterStruct.Field.bool;
import static org.barnraiser.worker.llama.ParameterStruct.Field.float32;
import static org.barnraiser.worker.llama.ParameterStruct.Field.int32;
import static org.barnraiser.worker.llama.ParameterStruct.Field.pointer;

/**
 * The parameter structs of one ABI, as read in that version's llama.h. The fields' effects are tested, so that an offset that is
 * wrong by chance of equal defaults does not stay unseen.
 *
 * @param ggmlTypeCount GGML_TYPE_COUNT; ggml aborts the process, or reads past its table, for a larger type
 */
record AbiLayout(LlamaAbi abi, ParameterStruct model, ParameterStruct context, int ggmlTypeCount) {
    private static final int GGML_TYPE_F16 = 1;

    static final AbiLayout B4916 = new AbiLayout(LlamaAbi.B4916,
            new ParameterStruct("llama_model_params", 64,
                    List.of(pointer("devices", 0), int32("n_gpu_layers", 8, 0), int32("split_mode", 12, 1),
                            int32("main_gpu", 16, 0), pointer("tensor_split", 24), pointer("progress_callback", 32),
                            pointer("progress_callback_user_data", 40), pointer("kv_overrides", 48),
                            bool("vocab_only", 56, false), bool("use_mmap", 57, true), bool("use_mlock", 58, false),
                            bool("check_tensors", 59, false))),
            new ParameterStruct("llama_context_params", 120,
                    List.of(int32("n_ctx", 0, 512), int32("n_batch", 4, 2048), int32("n_ubatch", 8, 512),
                            int32("n_seq_max", 12, 1), int32("n_threads", 16, 4), int32("n_threads_batch", 20, 4),
                            int32("rope_scaling_type", 24, -1), int32("pooling_type", 28, -1),
                            int32("attention_type", 32, -1), float32("rope_freq_base", 36, 0),
                            float32("rope_freq_scale", 40, 0), float32("yarn_ext_factor", 44, -1),
                            float32("yarn_attn_factor", 48, 1), float32("yarn_beta_fast", 52, 32),
                            float32("yarn_beta_slow", 56, 1), int32("yarn_orig_ctx", 60, 0),
                            float32("defrag_thold", 64, -1), pointer("cb_eval", 72), pointer("cb_eval_user_data", 80),
                            int32("type_k", 88, GGML_TYPE_F16), int32("type_v", 92, GGML_TYPE_F16),
                            bool("logits_all", 96, false), bool("embeddings", 97, false),
                            bool("offload_kqv", 98, true), bool("flash_attn", 99, false), bool("no_perf", 100, true),
                            pointer("abort_callback", 104), pointer("abort_callback_data", 112))),
            39);

    static final AbiLayout V0_5 = new AbiLayout(LlamaAbi.V0_5,
            new ParameterStruct("llama_model_params", 80,
                    List.of(pointer("devices", 0), pointer("tensor_buft_overrides", 8), int32("n_gpu_layers", 16, -1),
                            int32("split_mode", 20, 1), int32("load_mode", 24, -1), int32("lazy_mode", 28, 1),
                            int32("main_gpu", 32, 0), pointer("tensor_split", 40), pointer("progress_callback", 48),
                            pointer("progress_callback_user_data", 56), pointer("kv_overrides", 64),
                            bool("vocab_only", 72, false), bool("check_tensors", 73, false),
                            bool("use_extra_bufts", 74, true), bool("no_host", 75, false), bool("no_alloc", 76, false),
                            bool("load_mtp", 77, false))),
            new ParameterStruct("llama_context_params", 160,
                    List.of(int32("n_ctx", 0, 512), int32("n_batch", 4, 2048), int32("n_ubatch", 8, 512),
                            int32("n_seq_max", 12, 1), int32("n_rs_seq", 16, 0), int32("n_outputs_max", 20, 0),
                            int32("n_outputs_max_per_seq", 24, 1), int32("n_threads", 28, 4),
                            int32("n_threads_batch", 32, 4), int32("ctx_type", 36, 0),
                            int32("rope_scaling_type", 40, -1), int32("pooling_type", 44, -1),
                            int32("attention_type", 48, -1), int32("flash_attn_type", 52, -1),
                            float32("rope_freq_base", 56, 0), float32("rope_freq_scale", 60, 0),
                            float32("yarn_ext_factor", 64, -1), float32("yarn_attn_factor", 68, -1),
                            float32("yarn_beta_fast", 72, -1), float32("yarn_beta_slow", 76, -1),
                            int32("yarn_orig_ctx", 80, 0), float32("defrag_thold", 84, -1), pointer("cb_eval", 88),
                            pointer("cb_eval_user_data", 96), int32("type_k", 104, GGML_TYPE_F16),
                            int32("type_v", 108, GGML_TYPE_F16), pointer("abort_callback", 112),
                            pointer("abort_callback_data", 120), bool("embeddings", 128, false),
                            bool("offload_kqv", 129, true), bool("no_perf", 130, true), bool("op_offload", 131, true),
                            bool("swa_full", 132, true), bool("kv_unified", 133, false), pointer("samplers", 136),
                            pointer("n_samplers", 144), pointer("ctx_other", 152))),
            43);

    static final List<AbiLayout> KNOWN = List.of(B4916, V0_5);
}
