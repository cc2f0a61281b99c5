package org.barnraiser.testing.models;

import com.google.errorprone.annotations.Immutable;

/** The model families that a random model can be made of: an architecture of llama.cpp, in one of its variants. */
public enum Family {
    LLAMA("llama", LlamaFamilies::llama),
    LLAMA_TIED("llama-tied", LlamaFamilies::tied),
    LLAMA_ROPE_FACTORS("llama-rope-factors", LlamaFamilies::ropeFactors),
    MIXTRAL("mixtral", LlamaFamilies::mixtral),
    MISTRAL3("mistral3", LlamaFamilies::mistral3),
    QWEN2("qwen2", QwenFamilies::qwen2),
    QWEN2_MOE("qwen2moe", QwenFamilies::qwen2Moe),
    QWEN3("qwen3", QwenFamilies::qwen3),
    QWEN3_MOE("qwen3moe", QwenFamilies::qwen3Moe),
    GEMMA2("gemma2", GemmaFamilies::gemma2),
    GEMMA3("gemma3", GemmaFamilies::gemma3),
    PHI3("phi3", OtherFamilies::phi3),
    DEEPSEEK2("deepseek2", DeepSeekFamilies::full),
    DEEPSEEK2_ABSORBED("deepseek2-absorbed", DeepSeekFamilies::absorbed),
    DEEPSEEK2_LITE("deepseek2-lite", DeepSeekFamilies::lite),
    GPT_OSS("gpt-oss", OtherFamilies::gptOss),
    GLM4("glm4", OtherFamilies::glm4),
    GLM4_MOE("glm4moe", ExpertFamilies::glm4Moe),
    OLMO2("olmo2", OtherFamilies::olmo2),
    OLMOE("olmoe", OtherFamilies::olmoe),
    GRANITE("granite", LlamaFamilies::granite),
    GRANITE_MOE("granitemoe", LlamaFamilies::graniteMoe),
    SMOLLM3("smollm3", LlamaFamilies::smolLm3),
    COHERE2("cohere2", OtherFamilies::cohere2),
    COMMAND_R("command-r", OtherFamilies::commandR),
    SEED_OSS("seed_oss", OtherFamilies::seedOss),
    LLAMA4("llama4", ExpertFamilies::llama4),
    DOTS1("dots1", ExpertFamilies::dots1),
    ERNIE4_5_MOE("ernie4_5-moe", ExpertFamilies::ernie45Moe),
    HUNYUAN_MOE("hunyuan-moe", ExpertFamilies::hunyuanMoe),
    MINIMAX_M2("minimax-m2", ExpertFamilies::miniMaxM2);

    private final String label;
    private final Description description;

    @Immutable
    private interface Description {
        ModelShape of(ModelSize size);
    }

    Family(String label, Description description) {
        this.label = label;
        this.description = description;
    }

    /** The shape of a model of this family and of that size. */
    public ModelShape shape(ModelSize size) {
        return description.of(size);
    }

    /** The name people type and read, such as {@code qwen3moe}. */
    @Override
    public String toString() {
        return label;
    }
}
