"""Options as other tools call them, and what they are called here.

Collected from the training scripts of StyleGAN, pytorch-CycleGAN-and-pix2pix, PyTorch's and Keras' examples,
Ultralytics, Lightning, Hugging Face and W&B.
"""

from __future__ import annotations

from collections.abc import Collection

# Names there: names here, of which a model has the first that it has.
_TABLE = {
    "lr lr0 lrate initial_lr base_lr adam_lr rate": "learning_rate",
    "lr_g g_lr glr gen_lr lr_gen generator_lr lr_generator": "g_learning_rate learning_rate",
    "lr_d d_lr dlr disc_lr lr_disc discriminator_lr lr_discriminator critic_lr": "d_learning_rate learning_rate",
    "lr_policy scheduler lr_scheduler schedule": "lr_schedule",
    "b1 beta beta_1 adam_beta1 momentum": "beta1",
    "optim": "optimizer",
    "bs batch batchsize batch_gpu minibatch minibatch_size train_batch_size per_device_train_batch_size": "batch_size",
    "iters iter iterations niter n_iter n_iters num_iters num_iterations max_iter num_steps max_steps train_steps "
    "total_steps kimg total_kimg": "steps",
    "epoch n_epochs num_epochs max_epochs num_train_epochs nepoch ep": "epochs",
    "gpu gpus gpu_ids gpu_id ngpu num_gpus n_gpu device accelerator cuda": "devices",
    "sync_bn syncbn": "sync_batchnorm",
    "random_seed manual_seed manualseed rng_seed random_state": "seed",
    "amp fp16 bf16 half mixed_precision use_amp dtype": "precision",
    "xla compile jit_compile": "jit",
    "dataset datasets dataroot data_root data_path train_data dataset_name source": "data",
    "imgsz img_size imsize imagesize image_res resolution res load_size size": "image_size",
    "crop_size fine_size center_crop": "crop",
    "gray grayscale greyscale input_nc image_channels n_channels channels": "color",
    "cache cache_images": "in_memory",
    "val_split validation_split val_fraction": "hold_out",
    "nz zdim z_size latent latent_dim latent_size latent_dims noise_dim code_dim embedding_dim": "z_dim",
    "noise_type latent_distribution z_distribution": "prior",
    "ngf ndf nf fmaps cbase channel_multiplier num_filters n_filters filters base_channels features hidden hidden_dim "
    "hidden_size hidden_units n_hidden neurons": "width units",
    "layers num_layers n_layers nlayers n_blocks num_blocks num_res_blocks": "depth units",
    "kernel_size ksize filter_size": "kernel",
    "drop dropout_rate p_dropout": "dropout",
    "gan_mode gan_loss loss_type loss_fn adversarial_loss criterion objective": "loss",
    "gp lambda_gp gp_weight gp_lambda": "gradient_penalty",
    "r1_gamma gamma r1_weight r1_penalty": "r1",
    "r2_gamma r2_weight": "r2",
    "d_reg_every r1_every lazy lazy_regularization": "penalty_every",
    "sn use_sn spectral spectral_normalization": "spectral_norm",
    "diff_augment diff_aug aug": "augment",
    "ada ada_kimg": "ada_target",
    "lambda_dragan": "dragan",
    "n_critic ncritic critic_iters critic_steps n_dis num_d_steps d_iters dis_steps": "d_steps",
    "clip_value clip_weights": "weight_clip",
    "smoothing label_smooth smooth": "label_smoothing",
    "minibatch_discrimination": "minibatch_kernels",
    "mbstd mbstd_group_size": "minibatch_stddev",
    "lambda_a lambda_b lambda_cyc lambda_cycle": "cycle_weight",
    "lambda_identity lambda_idt lambda_id": "identity_weight",
    "lambda_l1": "l1_weight",
    "lambda_adv adv_weight": "adversarial_weight",
    "kl_weight lambda_kl kld_weight": "beta",
    "upscale factor upscale_factor sr_factor": "scale",
    "pool_size": "pool",
    "hflip fliplr horizontal_flip": "mirror flip rotate jitter",
    "cond class_cond class_conditional labels": "conditional",
    "ema_decay ema_beta ema_rate ema_kimg use_ema": "ema",
    "save_freq save_interval save_period save_steps save_epoch_freq snap snapshot checkpoint_every ckpt_every": (
        "save_every"
    ),
    "save_total_limit save_top_k max_to_keep keep_checkpoints": "keep",
    "log_interval log_freq log_steps logging_steps log_every_n_steps print_freq": "log_every",
    "sample_interval sample_freq sample_steps display_freq image_every": "sample_every",
    "eval_interval eval_freq eval_steps val_interval val_freq val_check_interval check_val_every_n_epoch": "eval_every",
    "metrics metric monitor": "eval_score",
    "early_stop early_stopping early_stopping_patience": "patience",
    "wandb use_wandb logger report_to tb": "tensorboard",
    "pretrained init init_weights from_pretrained finetune_from": "init_from",
    "vocab vocab_size num_words": "vocabulary",
    "max_len max_length seq_len sequence_length": "max_words",
}
FAMILIAR = {name: tuple(ours.split()) for names, ours in _TABLE.items() for name in names.split()}


def familiar_option(name: str, known: Collection[str]) -> str | None:
    """What other tools' option of this name is called here; None unless it is one of the known names."""
    return next((ours for ours in FAMILIAR.get(name.casefold(), ()) if ours in known), None)
