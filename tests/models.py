"""Tiny neural models of every family with random weights, saved as the real ones are: a few hundred kB, in seconds.

They are built from the same classes, in the same folders and files, with tokenizers trained here on a few words, so
that the loading code that runs on them is the code that runs on the real repositories. Nothing is downloaded.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from networks import build_splitter
from studio.quiet import keep_quiet

WORDS = (
    "a calm piano piece with soft drums and a warm bass in the evening light, slow and gentle",
    "loud guitars, quick beat, bright voice; verse, chorus, bridge: sing it out again and again",
    "# Instruction # Caption # Metas - bpm: 120 - timesignature: 4 - keyscale: C major - duration: 30 seconds",
)
SEED = 20_240_229

CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class TinyModels:
    """Builds each model when it is first asked for; the folder of each may be read, never changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def folder(self, loader: str) -> Path:
        """A folder as the repository of a model of this loader has it."""
        place = self._folder / loader
        if not place.exists():
            keep_quiet()
            import torch

            with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
                warnings.simplefilter("ignore")
                torch.manual_seed(SEED)
                BUILDERS[loader](self._folder / f"{loader}.part")
            (self._folder / f"{loader}.part").rename(place)
        return place


def byte_tokenizer(**special: Any) -> Any:
    """A byte-level tokenizer of a few hundred tokens that reads any text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<pad>", "<bos>", "<eos>", "<unk>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=tokens, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(WORDS, trainer)
    given = {"pad_token": "<|endoftext|>", "eos_token": "<|im_end|>", "chat_template": CHAT, **special}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **given)


def qwen_tokenizer() -> Any:
    """The same as the class that the pipelines for pictures ask for."""
    from transformers import Qwen2Tokenizer

    plain = json.loads(byte_tokenizer().backend_tokenizer.to_str())["model"]
    merges = [tuple(pair) for pair in plain["merges"]]
    return Qwen2Tokenizer(vocab=plain["vocab"], merges=merges, chat_template=CHAT, pad_token="<|endoftext|>")


def _qwen_config(**changes: Any) -> Any:
    from transformers import Qwen3Config

    sizes: dict[str, Any] = {
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 512, "max_position_embeddings": 2048,
        "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 0,
    }  # fmt: skip
    return Qwen3Config(**{**sizes, **changes})


class AceSize(NamedTuple):
    """How large an ACE-Step is: width, layers and heads of its transformer, layers of its encoders, channels of its
    latents, widths and multiples of its decoder, width and layers of its text encoder. The first of all is tiny."""

    hidden: int = 32
    layers: int = 2
    heads: int = 4
    encoders: int = 2
    latents: int = 8
    encoder: int = 16
    decoder: int = 4
    multiples: tuple[int, ...] = (1, 1, 2, 2, 2)
    text: int = 32
    text_layers: int = 2


TINY_ACE = AceSize()


def build_ace_step(folder: Path, size: AceSize = TINY_ACE) -> None:
    """ACE-Step with the real geometry: 48 kHz, 25 latent frames a second."""
    from diffusers import AceStepPipeline, AceStepTransformer1DModel, AutoencoderOobleck
    from diffusers import FlowMatchEulerDiscreteScheduler as Scheduler
    from diffusers.pipelines.ace_step import AceStepConditionEncoder
    from transformers import Qwen3Model

    shape = {
        "hidden_size": size.hidden, "intermediate_size": 2 * size.hidden, "num_attention_heads": size.heads,
        "num_key_value_heads": size.heads // 2, "head_dim": size.hidden // size.heads, "sliding_window": 16,
    }  # fmt: skip
    transformer = AceStepTransformer1DModel(
        num_hidden_layers=size.layers,
        in_channels=3 * size.latents,
        audio_acoustic_hidden_dim=size.latents,
        patch_size=2,
        is_turbo=True,
        model_version="turbo",
        **shape,
    )
    condition_encoder = AceStepConditionEncoder(
        text_hidden_dim=size.text,
        timbre_hidden_dim=size.latents,
        num_lyric_encoder_hidden_layers=size.encoders,
        num_timbre_encoder_hidden_layers=size.encoders,
        **shape,
    )
    vae = AutoencoderOobleck(
        encoder_hidden_size=size.encoder,
        decoder_input_channels=size.latents,
        downsampling_ratios=[2, 4, 4, 6, 10],
        channel_multiples=list(size.multiples),
        decoder_channels=size.decoder,
        sampling_rate=48_000,
    )
    AceStepPipeline(
        vae=vae,
        text_encoder=Qwen3Model(
            _qwen_config(hidden_size=size.text, intermediate_size=2 * size.text, num_hidden_layers=size.text_layers)
        ),
        tokenizer=byte_tokenizer(),
        transformer=transformer,
        condition_encoder=condition_encoder,
        scheduler=Scheduler(num_train_timesteps=1, shift=1.0),
    ).save_pretrained(folder)


def _wake(model: Any) -> None:
    """Gives the weights that begin as zero a value: they would let nothing through of what goes in."""
    import torch

    with torch.no_grad():
        for tensor in model.parameters():
            if not tensor.any():
                tensor.normal_(0.0, 0.2)


def build_stable_audio_3(folder: Path) -> None:
    """Stable Audio 3 at 16 kHz, 250 latent frames a second."""
    from diffusers import AutoencoderSAME, StableAudio3DiTModel, StableAudio3Pipeline
    from diffusers import FlowMatchEulerDiscreteScheduler as Scheduler
    from diffusers.pipelines.stable_audio_3.modeling_stable_audio_3 import StableAudio3DurationEmbedder
    from transformers import GemmaTokenizer, T5GemmaConfig, T5GemmaEncoderModel
    from transformers.models.t5gemma.configuration_t5gemma import T5GemmaModuleConfig

    transformer = StableAudio3DiTModel(
        io_channels=8,
        embed_dim=32,
        depth=2,
        num_heads=4,
        cond_token_dim=16,
        global_cond_dim=16,
        local_add_cond_dim=9,
        timestep_features_dim=16,
        ff_mult=2,
        num_memory_tokens=3,
        use_differential_attention=False,
    )
    vae = AutoencoderSAME(
        audio_channels=2,
        patch_size=16,
        encoder_channels=8,
        encoder_c_mults=(2,),
        encoder_strides=(4,),
        encoder_transformer_depths=(1,),
        latent_dim=8,
        use_differential_attention=False,
        dim_heads=4,
        ff_mult=2,
        sampling_rate=16_000,
    )
    _wake(vae)
    vocabulary = {"<pad>": 0, "<eos>": 1, "<bos>": 2, "<unk>": 3, "<mask>": 4}
    letters = [*"abcdefghijklmnopqrstuvwxyz▁.,;:#-"]
    vocabulary |= {letter: number for number, letter in enumerate(letters, len(vocabulary))}
    tokenizer = GemmaTokenizer(vocab=vocabulary, merges=[], model_max_length=64)
    module = T5GemmaModuleConfig(
        vocab_size=64,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=64,
        sliding_window=64,
        layer_types=["full_attention", "full_attention"],
    ).to_dict()
    encoder = T5GemmaEncoderModel(T5GemmaConfig(encoder=module, decoder=module, is_encoder_decoder=False))
    StableAudio3Pipeline(
        vae=vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        duration_embedder=StableAudio3DurationEmbedder(output_dim=16, fourier_dim=16),
        transformer=transformer,
        scheduler=Scheduler(stochastic_sampling=True),
    ).save_pretrained(folder)


def build_stable_audio(folder: Path) -> None:
    """Stable Audio Open, whose scheduler needs torchsde."""
    from diffusers import (
        AutoencoderOobleck,
        CosineDPMSolverMultistepScheduler,
        StableAudioDiTModel,
        StableAudioPipeline,
        StableAudioProjectionModel,
    )

    encoder, tokenizer = _t5(16)
    StableAudioPipeline(
        vae=AutoencoderOobleck(
            encoder_hidden_size=6,
            downsampling_ratios=[4, 8],
            decoder_channels=3,
            decoder_input_channels=3,
            channel_multiples=[2, 4],
            sampling_rate=8_000,
        ),
        text_encoder=encoder,
        projection_model=StableAudioProjectionModel(text_encoder_dim=16, conditioning_dim=16, min_value=0, max_value=8),
        tokenizer=tokenizer,
        transformer=StableAudioDiTModel(
            sample_size=250,
            in_channels=3,
            num_layers=2,
            attention_head_dim=4,
            num_key_value_attention_heads=2,
            num_attention_heads=4,
            out_channels=3,
            cross_attention_dim=16,
            time_proj_dim=8,
            global_states_input_dim=32,
            cross_attention_input_dim=16,
        ),
        scheduler=CosineDPMSolverMultistepScheduler(
            solver_order=2, prediction_type="v_prediction", sigma_data=1.0, sigma_schedule="exponential"
        ),
    ).save_pretrained(folder)


def _t5(width: int) -> tuple[Any, Any]:
    from transformers import T5Config, T5EncoderModel, T5Tokenizer

    pieces = ["<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz.,;:#-"]
    tokenizer = T5Tokenizer(vocab=[(piece, -float(n)) for n, piece in enumerate(pieces)], extra_ids=0)
    tokenizer.model_max_length = 32
    sizes = {"d_model": width, "d_kv": 4, "d_ff": 32, "num_layers": 2, "num_heads": 2, "vocab_size": 64}
    return T5EncoderModel(T5Config(**sizes)), tokenizer


def build_klein(folder: Path) -> None:
    """FLUX.2 klein with the real geometry: a latent for eight pixels, a token for sixteen."""
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )
    from transformers import Qwen3ForCausalLM

    transformer = Flux2Transformer2DModel(
        patch_size=1,
        in_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=96,
        timestep_guidance_channels=256,
        axes_dims_rope=[4, 4, 4, 4],
        guidance_embeds=False,
    )
    vae = AutoencoderKLFlux2(
        sample_size=128,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(4, 4, 4, 4),
        layers_per_block=1,
        latent_channels=1,
        norm_num_groups=1,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )
    Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=Qwen3ForCausalLM(_qwen_config(num_hidden_layers=28, intermediate_size=16)),
        tokenizer=qwen_tokenizer(),
        transformer=transformer,
        is_distilled=True,
    ).save_pretrained(folder)


def build_z_image(folder: Path) -> None:
    """Z-Image with the real geometry: a latent for eight pixels, a token for sixteen."""
    import torch
    from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, ZImagePipeline, ZImageTransformer2DModel
    from transformers import Qwen3Model

    transformer = ZImageTransformer2DModel(
        all_patch_size=(2,),
        all_f_patch_size=(1,),
        in_channels=16,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=32,
        axes_dims=[8, 4, 4],
        axes_lens=[256, 32, 32],
    )
    with torch.no_grad():  # these two are left as the memory was
        transformer.x_pad_token.fill_(1.0)
        transformer.cap_pad_token.fill_(1.0)
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        norm_num_groups=4,
        latent_channels=16,
        sample_size=128,
        scaling_factor=0.3611,
        shift_factor=0.1159,
    )
    ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae,
        text_encoder=Qwen3Model(_qwen_config()),
        tokenizer=qwen_tokenizer(),
        transformer=transformer,
    ).save_pretrained(folder)


def build_wan(folder: Path) -> None:
    """Wan, for video."""
    from diffusers import AutoencoderKLWan, FlowMatchEulerDiscreteScheduler, WanPipeline, WanTransformer3DModel

    encoder, tokenizer = _t5(32)
    vae = AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    )
    transformer = WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=16,
        out_channels=16,
        text_dim=32,
        freq_dim=256,
        ffn_dim=32,
        num_layers=2,
        rope_max_seq_len=32,
    )
    WanPipeline(
        tokenizer=tokenizer,
        text_encoder=encoder,
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=7.0),
        transformer=transformer,
    ).save_pretrained(folder)


def build_chat(folder: Path) -> None:
    """A Qwen3 that answers nonsense."""
    from transformers import Qwen3ForCausalLM

    Qwen3ForCausalLM(_qwen_config()).save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)


def build_whisper(folder: Path) -> None:
    """Whisper with two layers, its feature extractor as it is. It writes letters and spaces."""
    import torch
    from tokenizers import pre_tokenizers
    from transformers import (
        GenerationConfig,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperTokenizer,
    )

    pieces = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>"]
    special += ["<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    tokens = [*pieces, *special, *(f"<|{step * 0.02:.2f}|>" for step in range(1501))]
    at = {token: number for number, token in enumerate(tokens)}
    tokenizer = WhisperTokenizer(vocab=at, merges=[], language="en", task="transcribe")
    end = at["<|endoftext|>"]
    sizes: dict[str, Any] = {
        "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2,
        "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "vocab_size": len(tokens),
        "pad_token_id": end, "eos_token_id": end, "bos_token_id": end,
        "decoder_start_token_id": at["<|startoftranscript|>"], "max_target_positions": 40,
    }  # fmt: skip
    model = WhisperForConditionalGeneration(WhisperConfig(**sizes))
    with torch.no_grad():  # else the marks of time, which are many, outweigh every letter
        model.model.decoder.embed_tokens.weight[: len(pieces)] *= 40.0
    model.generation_config = GenerationConfig(
        eos_token_id=end,
        pad_token_id=end,
        decoder_start_token_id=at["<|startoftranscript|>"],
        no_timestamps_token_id=at["<|notimestamps|>"],
        lang_to_id={"<|en|>": at["<|en|>"]},
        task_to_id={"translate": at["<|translate|>"], "transcribe": at["<|transcribe|>"]},
        is_multilingual=True,
        max_length=40,
        max_initial_timestamp_index=50,
        alignment_heads=[[0, 0], [1, 1]],
        begin_suppress_tokens=[at["Ġ"], end],
        suppress_tokens=[at[piece] for piece in pieces if not (piece.isascii() and piece.isalpha()) and piece != "Ġ"],
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    WhisperFeatureExtractor().save_pretrained(folder)


VOICE = {"audio_prompt": "<voice>", "audio_latent": "<sound>", "audio_prompt_bos": "<before>", "audio_bos": "<go>"}
"""The four tokens of Pocket TTS that stand for sound."""

SPEECH = (
    "{% for item in messages[0]['content'] %}{% if item['type'] == 'audio' %}<before><voice>{% endif %}{% endfor %}"
    "{% for item in messages[0]['content'] %}{% if item['type'] == 'text' %}{{ item['text'] }}{% endif %}{% endfor %}"
    "<go>"
)
"""The voice, the text, and where the speech begins."""


def build_pocket(folder: Path) -> None:
    """Pocket TTS without its codec, which is a repository of its own."""
    from transformers import (
        PocketTTSConfig,
        PocketTTSFeatureExtractor,
        PocketTTSForConditionalGeneration,
        PocketTTSProcessor,
    )

    special = {f"{name}_token": token for name, token in VOICE.items()}
    tokenizer = byte_tokenizer(extra_special_tokens=special, chat_template=SPEECH)
    ids = {f"{name}_token_id": tokenizer.convert_tokens_to_ids(token) for name, token in VOICE.items()}
    head = {"hidden_size": 16, "num_hidden_layers": 1, "latent_dim": 8, "condition_dim": 32}
    sizes = {
        "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32, "latent_dim": 8,
        "vocab_size": len(tokenizer), "max_position_embeddings": 512, "pad_token_id": 0, "frame_rate": 12.5,
    }  # fmt: skip
    model = PocketTTSForConditionalGeneration(
        PocketTTSConfig(flow_head_config={**head, "frequency_embedding_size": 16}, **sizes, **ids)
    )
    model.save_pretrained(folder)
    codec = _codec()
    codec.name_or_path = "eustlb/pocket-tts-audio-tokenizer"  # the repository that the processor names
    PocketTTSProcessor(PocketTTSFeatureExtractor(), tokenizer, audio_tokenizer=codec).save_pretrained(folder)


def _codec() -> Any:
    """The codec of Pocket TTS, 24 kHz and 12.5 frames a second as the real one."""
    from transformers import PocketTTSAudioTokenizerConfig, PocketTTSAudioTokenizerModel

    sizes = {
        "hidden_size": 16, "num_filters": 4, "num_hidden_layers": 1, "intermediate_size": 16, "num_attention_heads": 2,
        "num_key_value_heads": 2, "upsample_groups": 16, "latent_dim": 8,
    }  # fmt: skip
    return PocketTTSAudioTokenizerModel(PocketTTSAudioTokenizerConfig(**sizes))


def build_pocket_codec(folder: Path) -> None:
    """The codec as a repository of its own."""
    _codec().save_pretrained(folder)


BUILDERS: dict[str, Callable[[Path], None]] = {
    "AceStepPipeline": build_ace_step,
    "StableAudio3Pipeline": build_stable_audio_3,
    "StableAudioPipeline": build_stable_audio,
    "Flux2KleinPipeline": build_klein,
    "ZImagePipeline": build_z_image,
    "WanPipeline": build_wan,
    "AutoModelForCausalLM": build_chat,
    "WhisperForConditionalGeneration": build_whisper,
    "PocketTTSForConditionalGeneration": build_pocket,
    "PocketTTSAudioTokenizerModel": build_pocket_codec,
    "InferenceSession": build_splitter,
}
