"""The words of PyTorch, Keras, Darknet and papers, and what they are in the language.

A word of another vocabulary is no misspelling: what it looks like has nothing to do with what it means. Each is looked
up here before spelling is compared. Capitals, `_`, `-` and the dimensions in `Conv2d` do not count.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Synonym(Struct, frozen=True):
    """What other vocabularies' words are here.

    name: the word to write, or "" if none has the meaning.
    example: a layer that has the meaning, as a spec writes it (empty: the name alone says it).
    note: what else differs. With a note the name alone does not keep the meaning, and no fix writes it.
    """

    words: str
    name: str = ""
    example: str = ""
    note: str = ""

    @property
    def is_exact(self) -> bool:
        return bool(self.name) and not self.note

    @property
    def hint(self) -> str:
        """The sentence that says what to write."""
        example = f"`- {self.example}`" if self.example and self.example != self.name else ""
        if not self.name:
            return ": write ".join(part for part in (self.note, example) if part) if self.note else f"write {example}"
        if not self.note:
            return f"did you mean {self.name}, as in {example}?" if example else f"did you mean {self.name}?"
        return f"did you mean {self.name}? " + ": ".join(part for part in (_capitalized(self.note), example) if part)


def _capitalized(note: str) -> str:
    return note if note.startswith("`") else note[:1].upper() + note[1:]


_PADDING = "padding is automatic here and 0 in torch, so write it"
_NO_BATCH = "axes are counted without the batch: 0 is what torch calls 1"
_RECURRENT = "the language has no recurrent layers: a repeated block, conv or attention takes their place"
_LOSS = "the network returns what the loss takes: cross entropy takes the values before a softmax"

LAYERS: Final = (
    # Convolutions
    Synonym("conv1d conv2d conv3d convolution convolutional", "conv", "conv: {channels: 16, kernel: 3, padding: 0}",
            _PADDING),
    Synonym("deconv deconvolution deconvolutional upconv up_conv transposed_conv conv2d_transpose transpose_conv "
            "conv_transposed", "conv_transpose", "conv_transpose: {channels: 16, kernel: 2, stride: 2}"),
    Synonym("depthwise_conv dwconv dw_conv depthwise depthwise_convolution", "", "conv: {channels: in_channels, "
            "groups: in_channels}", "one convolution for each channel is a conv with as many groups"),
    Synonym("pointwise_conv pwconv pw_conv pointwise conv1x1", "", "conv: {channels: 16, kernel: 1}"),
    Synonym("conv3x3", "", "conv: {channels: 16, kernel: 3}"),
    Synonym("separable_conv sepconv depthwise_separable_conv dsconv", "depthwise_separable", "depthwise_separable: 16",
            "it has a norm and an activation after each convolution"),
    Synonym("conv_bn_relu conv_bn cbr cbl cbs conv_block conv_layer convbn conv_norm_activation", "conv_norm_act",
            "conv_norm_act: {channels: 16, kernel: 3}", "norm and activation are those of `defaults`"),
    # Linear layers and embeddings
    Synonym("dense fc fully_connected fullyconnected inner_product innerproduct connected affine lin", "linear",
            "linear: 10"),
    Synonym("embed embeddings token_embedding word_embedding lookup", "embedding", "embedding: 16"),
    Synonym("positional_encoding positional_embedding pos_embed pos_embedding pos_encoding pe position_encoding",
            "position_embedding", "position_embedding", "it is learned"),
    Synonym("cls_token class_token cls", "parameter", "parameter: {shape: [1, 1, 16], name: class_token}",
            "join it to the tokens by `concat: {axis: length, from: [...]}`"),
    Synonym("patch_embedding patchify patch_embeddings", "patch_embed", "patch_embed: {features: 16, patch: 8}"),
    # Norms
    Synonym("bn batch_normalization batch_normalize batchnormalisation sync_batch_norm frozen_batch_norm", "batch_norm",
            "batch_norm"),
    Synonym("ln layer_normalization", "layer_norm", "layer_norm"),
    Synonym("gn group_normalization", "group_norm", "group_norm: 8"),
    Synonym("in instance_normalization", "instance_norm", "instance_norm"),
    Synonym("rms_normalization", "rms_norm", "rms_norm"),
    Synonym("normalization normalisation norm_layer", "norm", "norm"),
    Synonym("unit_normalization l2norm l2_norm normalize", "l2_normalize", "l2_normalize"),
    Synonym("lrn local_response_norm local_response_normalization", "", "batch_norm",
            "local response normalisation is not in the language"),
    # Activations
    Synonym("activation activation_layer nonlinearity non_linearity", "", "relu",
            "an activation is a layer with its own name, `act` the one of `defaults`"),
    Synonym("swish", "silu", "silu"),
    Synonym("hswish h_swish hard_swish", "hardswish", "hardswish"),
    Synonym("hsigmoid h_sigmoid hard_sigmoid", "hardsigmoid", "hardsigmoid"),
    Synonym("leaky lrelu", "leaky_relu", "leaky_relu: 0.1", "Darknet's slope is 0.1, the default 0.01"),
    Synonym("logistic", "sigmoid", "sigmoid"),
    Synonym("soft_max", "softmax", "softmax"),
    Synonym("log_softmax logsoftmax log_sigmoid logsigmoid", "", "", _LOSS),
    Synonym("selu celu", "elu", "elu", "it has another slope and scale"),
    Synonym("rrelu", "leaky_relu", "leaky_relu: 0.2", "random slopes are not in the language"),
    Synonym("hardtanh hard_tanh clip clamp brelu", "relu6", "relu6", "relu6 is bounded by 0 and 6"),
    Synonym("soft_sign softsign tanhshrink softshrink hardshrink threshold thresholded_relu exp log abs sqrt pow", "",
            "", "this function is not in the language"),
    Synonym("geglu reglu", "", "swiglu: 64", "gated feed-forward layers with gelu or relu are not in the library"),
    # Pooling and sampling
    Synonym("maxpool1d maxpool2d maxpool3d max_pooling maxpooling max_pool2d", "max_pool",
            "max_pool: {kernel: 3, stride: 2, padding: 0}", _PADDING),
    Synonym("avgpool1d avgpool2d avgpool3d avg_pooling average_pooling average_pool mean_pool avg_pool2d",
            "avg_pool", "avg_pool: {kernel: 3, stride: 2, padding: 0}", _PADDING),
    Synonym("pool pooling", "", "max_pool: 2", "there are max_pool, avg_pool and global_avg_pool"),
    Synonym("adaptive_avg_pooling adaptive_average_pool adaptive_average_pooling adaptive_pool", "adaptive_avg_pool",
            "adaptive_avg_pool: 1"),
    Synonym("adaptive_max_pooling", "adaptive_max_pool", "adaptive_max_pool: 1"),
    Synonym("gap global_average_pooling global_average_pool global_avg_pooling global_pool global_pooling",
            "global_avg_pool", "global_avg_pool"),
    Synonym("gmp global_max_pooling", "global_max_pool", "global_max_pool"),
    Synonym("upsample upsampling up_sampling up_sample interpolate interpolation upsampling_nearest", "resize",
            "resize: 2"),
    Synonym("upsampling_bilinear bilinear", "resize", "resize: {scale: 2, mode: linear, align_corners: true}",
            "the mode is named"),
    Synonym("downsample down_sample subsample", "", "max_pool: 2", "a stride, a pool or `resize: 0.5` halves a map"),
    Synonym("pixel_shuffle pixelshuffle subpixel sub_pixel", "depth_to_space", "depth_to_space: 2"),
    Synonym("pixel_unshuffle", "space_to_depth", "space_to_depth: 2"),
    Synonym("reorg", "space_to_depth", "space_to_depth: 2", "Darknet orders the channels otherwise"),
    Synonym("shuffle shuffle_channels", "channel_shuffle", "channel_shuffle: 4"),
    Synonym("zero_pad zero_padding zeropad constant_pad padding", "pad", "pad: 1",
            "a list has [before, after] for each axis"),
    Synonym("reflection_pad reflect_pad", "pad", "pad: {padding: 1, mode: reflect}", "the mode is named"),
    Synonym("replication_pad replicate_pad", "pad", "pad: {padding: 1, mode: replicate}", "the mode is named"),
    Synonym("circular_pad", "pad", "pad: {padding: 1, mode: circular}", "the mode is named"),
    Synonym("cropping crop center_crop", "fit", "fit: {from: {x: prev, like: a}}", "it takes the size of another map"),
    # Regularisation
    Synonym("spatial_dropout dropout2d dropout1d dropout3d feature_dropout alpha_dropout", "dropout",
            "dropout: {rate: 0.2, mode: channel}", "whole channels are dropped by a mode"),
    Synonym("drop", "dropout", "dropout: 0.2"),
    Synonym("stochastic_depth drop_connect", "drop_path", "drop_path: 0.1"),
    Synonym("layer_scale layerscale", "scale", "scale: 1e-6", "a scale starts at 1 unless it is given a number"),
    Synonym("gaussian_noise noise", "", "dropout: 0.2", "noise is not in the language"),
    # Shapes
    Synonym("view", "", "flatten", "shapes change by flatten, unflatten, to_tokens, to_map and permute"),
    Synonym("reshape rearrange", "", "unflatten: [16, 8, 8]",
            "shapes change by flatten, unflatten, to_tokens, to_map and permute"),
    Synonym("transpose swapaxes", "permute", "permute: [1, 0]", "all axes are named, without the batch"),
    Synonym("chunk", "split", "split: 2"),
    Synonym("squeeze unsqueeze expand_dims stack", "", "", "no axis of size 1 is added or removed; see flatten and "
            "adaptive_avg_pool"),
    Synonym("index select getitem", "slice", "slice: 0", "it takes one position along an axis"),
    # Merging
    Synonym("cat concatenate concatenation", "concat", "concat: [a, prev]"),
    Synonym("route", "concat", "concat: [a, prev]", "layers are named, not numbered; `from: a` takes a single one"),
    Synonym("eltwise elementwise_add plus summation addition", "add", "add: [a, prev]"),
    Synonym("mul product times", "multiply", "multiply: [a, prev]"),
    Synonym("average maximum minimum subtract dot matmul bmm einsum", "", "add: [a, prev]",
            "values are joined by add, concat, multiply and attention"),
    Synonym("shortcut", "add", "add: [a, prev]", "layers are named, not numbered; a `residual` needs no names"),
    Synonym("skip skip_connection skipconnection", "residual", "residual: [{conv: 16}, norm]",
            "its layers are those that the connection skips"),
    # Structure
    Synonym("sequential block_list layer_list", "sequence", "sequence: [{conv: 16}, relu]"),
    Synonym("module_list", "sequence", "sequence: [{conv: 16}, relu]", "its layers run one after the other"),
    Synonym("parallel branch split_branches", "branches", "branches: [[{conv: 16}], [relu]]",
            "its values are joined by `merge`"),
    Synonym("repeat loop for", "", "sequence: {repeat: 2, body: [{conv: 16}]}", "`repeat` is a key of any layer"),
    Synonym("input_layer", "", "", "the input is a key at the top of the spec: `input: [3, 224, 224]`"),
    Synonym("output output_layer", "", "", "the last value is the output; more are listed under `outputs:`"),
    # Blocks
    Synonym("basic_block resblock res_block residual_block resnet_block", "basic", "basic: 16"),
    Synonym("bottleneck_block resnet_bottleneck", "bottleneck", "bottleneck: 16"),
    Synonym("mbconv mb_conv inverted_bottleneck inverted_residual_block", "inverted_residual",
            "inverted_residual: {channels: 16, attention: [squeeze_excite]}", "squeeze-excite is its `attention`"),
    Synonym("fused_mbconv fused_mb_conv", "fused_inverted_residual", "fused_inverted_residual: 16"),
    Synonym("se se_block se_layer squeeze_and_excitation squeeze_excitation selayer", "squeeze_excite",
            "squeeze_excite: 4"),
    Synonym("fire_module", "fire", "fire: {squeeze: 8, expand: 16}"),
    Synonym("convnext", "convnext_block", "convnext_block"),
    Synonym("vovnet_block osa_module", "osa", "osa: {channels: 16, mid: 8}"),
    Synonym("repvgg repvgg_block", "rep_block", "rep_block: 16"),
    Synonym("ffn feed_forward feedforward", "mlp", "mlp: {hidden: 64, act: relu}",
            "its activation is gelu unless it is named"),
    Synonym("mha multi_head_attention multihead_attention multihead_self_attention msa mhsa", "self_attention",
            "self_attention: 4", "attention to other tokens is cross_attention"),
    Synonym("scaled_dot_product_attention sdpa", "attention", "attention: 4"),
    Synonym("transformer_block transformer_encoder_layer transformer_layer vit_block encoder_block", "encoder_layer",
            "encoder_layer: 4", "its norms come first"),
    Synonym("transformer transformer_encoder transformer_decoder encoder_layers", "", "encoder_layer: {heads: 4, "
            "repeat: 2}", "a stack is a repeated layer"),
    Synonym("transformer_decoder_layer decoder_block", "", "encoder_layer: {heads: 4, causal: true}",
            "decoder_layer attends to an encoder's tokens too"),
    # What the language has not
    Synonym("lstm gru rnn bilstm conv_lstm lstm_cell gru_cell rnn_cell recurrent", "", "", _RECURRENT),
    Synonym("yolo detection cross_entropy_loss loss nms lambda softmax_with_loss", "", "", _LOSS),
)  # fmt: skip
"""Names of layers."""

_INFERRED = "leave it out: it is that of the value that the layer reads"
_OWN_LAYER = "it is a layer of its own, after this one"

KEYS: Final = (
    # Arguments of layers
    Synonym("out_channels filters n_filters num_filters out_planes planes c_out ch_out out_ch output_channels nf "
            "channels_out num_output oup out output", "channels"),
    Synonym("out_features units n_units num_units out_dim dim_out output_dim embedding_dim hidden_units n_out d_out "
            "nout neurons out_channels filters out output", "features"),
    Synonym("kernel_size ksize k kernel_shape filter_size pool_size window kernels size", "kernel"),
    Synonym("strides s subsample", "stride"),
    Synonym("dilation_rate dilations atrous atrous_rate", "dilation"),
    Synonym("n_groups num_groups group cardinality", "groups"),
    Synonym("use_bias has_bias with_bias bias_term", "bias"),
    Synonym("pad", "padding", "", "a number pads each side by it, `auto` keeps the size (Darknet's `pad: 1`)"),
    Synonym("pads", "padding", "", "a number for each axis, the same on both sides"),
    Synonym("num_heads n_heads nhead n_head head", "heads"),
    Synonym("dim_feedforward mlp_dim hidden_dim hidden_size ffn_dim d_ff intermediate_size hidden_features", "hidden"),
    Synonym("mlp_ratio ffn_ratio", "hidden", "", "it is a number of features: 4 * in_channels for a ratio of 4"),
    Synonym("expand_ratio expansion_ratio expansion_factor expand t exp_ratio", "expansion"),
    Synonym("reduction_ratio r", "reduction"),
    Synonym("ratio squeeze_ratio", "reduction", "", "it divides the channels: 4 for a ratio of 0.25"),
    Synonym("se_ratio", "attention", "", "it is a list of layers: [{squeeze_excite: {reduction: 4}}]"),
    Synonym("p prob probability drop_prob drop_rate dropout_rate dropout_p", "rate"),
    Synonym("keep_prob keep_rate", "rate", "", "it is the probability to drop: 0.2 for a `keep_prob` of 0.8"),
    Synonym("growth_rate", "growth"),
    Synonym("patch_size", "patch"),
    Synonym("negative_slope alpha leakiness", "slope"),
    Synonym("epsilon", "eps"),
    Synonym("elementwise_affine learnable trainable", "affine"),
    Synonym("track_running_stats", "track"),
    Synonym("ceil_mode", "ceil"),
    Synonym("count_include_pad", "include_pad"),
    Synonym("output_size out_size target_size", "size"),
    Synonym("scale_factor upscale_factor block_size factors upscale", "scale"),
    Synonym("upscale_factor downscale_factor block_size scale scale_factor", "factor"),
    Synonym("interpolation method", "mode"),
    Synonym("num_embeddings vocab_size n_vocab vocab input_dim num_tokens", "count"),
    Synonym("dim axes dimension", "axis", "", _NO_BATCH),
    Synonym("dims order perm permutation", "axes", "", _NO_BATCH),
    Synonym("num_classes n_classes nclasses nc", "classes"),
    Synonym("activation activation_fn act_layer act_fn nonlinearity activation_layer", "act"),
    Synonym("norm_layer normalization norm_type", "norm"),
    Synonym("is_causal", "causal"),
    Synonym("init_value", "value"),
    # Keys of any layer
    Synonym("id label layer_name module_name", "name"),
    Synonym("input inputs bottom source", "from"),
    Synonym("if condition cond enabled only_if", "when"),
    Synonym("times repeats num_repeats n_repeats repetitions num_blocks n_blocks num_layers n_layers",
            "repeat"),
    Synonym("tie tied shared share_weights tie_weights weights_of reuse", "share"),
    Synonym("initializer kernel_initializer weight_init initialization", "init", "",
            "it names each tensor: {weight: {normal: {std: 0.02}}}"),
    # Keys of structure, blocks, inputs and parameters
    Synonym("layers modules main inner content steps ops children", "body"),
    Synonym("skip skip_connection", "shortcut"),
    Synonym("join combine fusion fuse aggregate mode", "merge"),
    Synonym("branches paths towers", "of"),
    Synonym("model file path backbone net architecture", "spec"),
    Synonym("parameters args arguments hyperparameters hyperparams hparams vars variables constants",
            "params"),
    Synonym("description desc doc docs comment summary help info", "about"),
    Synonym("dims size dimensions", "shape"),
    Synonym("vocab_size vocab vocabulary num_embeddings", "range"),
    Synonym("dtype", "type"),
    Synonym("min minimum lower at_least", "ge"),
    Synonym("options values enum allowed one_of", "choices"),
    Synonym("initial value standard", "default"),
    Synonym("flops gflops", "macs", "", "a multiply-accumulate counts once: half as many as FLOPs"),
    # Keys of a spec
    Synonym("input_shape input_size in_shape image_size img_size image_shape input_dims shape img_shape", "input"),
    Synonym("output out results", "outputs"),
    Synonym("layers layer backbone model network net body modules architecture trunk encoder main sequential",
            "stages"),
    Synonym("classifier top decoder tail", "head"),
    Synonym("preamble entry", "stem"),
    Synonym("model_name id title", "name"),
    Synonym("base inherits inherit include parent from", "extends"),
    Synonym("definitions defs components macros functions", "blocks"),
    Synonym("presets configs versions", "variants"),
    Synonym("limits constraints limit", "budget"),
    Synonym("locals computed derived", "let"),
    # Layers of their own
    Synonym("activation activation_fn act act_layer act_fn nonlinearity", "", "relu", _OWN_LAYER),
    Synonym("norm norm_layer normalization batch_norm batchnorm batch_normalize bn use_bn use_norm", "", "norm",
            _OWN_LAYER),
    Synonym("dropout drop", "", "dropout: 0.5", _OWN_LAYER),
    Synonym("pool pooling max_pool maxpool", "", "max_pool: 2", _OWN_LAYER),
    # What is never written
    Synonym("in_channels in_features in_planes inplanes c_in ch_in in_ch input_channels num_features num_channels "
            "in_dim input_dim dim_in d_in d_model embed_dim normalized_shape input_size input_shape inp", "", "",
            _INFERRED),
    Synonym("inplace", "", "", "leave it out: the compiler makes activations inplace where that is safe"),
    Synonym("data_format device dtype batch_first", "", "", "leave it out: shapes are in PyTorch's order, without the "
            "batch, and the caller chooses device and dtype"),
    Synonym("num_classes n_classes nclasses nc classes", "", "", "declare it under `params: {classes: 10}` and write "
            "`linear: classes` in the head"),
    Synonym("optimizer loss criterion lr learning_rate epochs batch_size batch dataset data training train scheduler "
            "trainer seed", "", "", "leave it out: a spec describes the network alone"),
    Synonym("version schema type kind framework", "", "", "leave it out: a spec has no such key"),
)  # fmt: skip
"""Keys, of any mapping. The first entry counts whose name the mapping can have; those without a name come last."""

WORDS: Final = (
    Synonym("valid none", "0"),
    Synonym("bilinear trilinear", "linear"),
    Synonym("cubic", "bicubic"),
    Synonym("nearest_exact nearest_neighbor nearest_neighbour", "nearest"),
    Synonym("reflection mirror", "reflect"),
    Synonym("symmetric", "reflect", "", "it does not repeat the value at the border"),
    Synonym("replication edge border clamp", "replicate"),
    Synonym("constant zero", "zeros"),
    Synonym("wrap periodic", "circular"),
    Synonym("channels features c", "channel"),
    Synonym("feature channelwise spatial_dropout", "channel"),
    Synonym("sequence tokens time seq", "length"),
    Synonym("sum plus addition residual", "add"),
    Synonym("cat concatenate concatenation", "concat"),
    Synonym("mul product times", "multiply"),
    Synonym("image images feature_map grid", "map"),
    Synonym("sequence seq embeddings", "tokens"),
    Synonym("indices index token_ids integers text", "ids"),
    Synonym("features table tabular flat", "vector"),
    Synonym("boolean bools padding_mask attention_mask", "mask"),
    Synonym("integer number whole", "int"),
    Synonym("real double float32 fp32", "float"),
    Synonym("boolean flag", "bool"),
    Synonym("string text word", "str"),
    Synonym("array tuple sequence", "list"),
    Synonym("one", "ones"),
    Synonym("he_normal kaiming msra he", "kaiming_normal"),
    Synonym("he_uniform", "kaiming_uniform"),
    Synonym("glorot_normal xavier glorot", "xavier_normal"),
    Synonym("glorot_uniform", "xavier_uniform"),
    Synonym("trunc_normal truncatednormal", "truncated_normal"),
    Synonym("gaussian randn", "normal"),
    Synonym("random rand", "uniform"),
    Synonym("erf exact", "none"),
)
"""Values that are words: modes, kinds, types, merges, schemes. The first entry counts whose name is allowed."""
