"""The end of the help of `gancli train`."""

EPILOG = """\b
Examples:
  gancli train --model dcgan --data mnist
  gancli train --model gan --data fashion_mnist --epochs 20 --seed 3
  gancli train --model acgan --data mnist               class-conditional
  gancli train --model dcgan --conditional --loss hinge --d-steps 2
  gancli train --model vae --data mnist                 has an encoder: gancli encode, reconstruct, traverse
  gancli train --model lapgan --data cifar10 --level-steps 4000,2000,1000
  gancli train --model toy --data ring8 --loss minimax --warmup-loss non-saturating:500
  gancli train --data photos/ --image-size 64 --width 64 --steps 20000
  gancli train --resume                                 resume the newest unfinished run
  gancli train --resume --steps 30000                   and train longer: --steps is the total
  gancli train --devices all --batch-size 256           split each batch across all GPUs
  gancli train --config runs/00000-dcgan-mnist/run.json --seed 1

\b
Precedence of options: command line, environment (GANCLI_TRAIN_BATCH_SIZE=32), --config, --preset, default.
The training step is compiled first, which takes a few seconds.

\b
Metrics:
  D(x), D(G(z))  mean probability that the discriminator gives real and generated images of being real. With the
                 non-saturating loss, both networks are balanced if these are near 0.5, and both losses near 0.69
  distance, divergence   of losses without probabilities: an estimate that falls as the samples improve, beside the
                         mean outputs for real and generated images
  diversity      spread of the samples divided by that of real images: 1 as varied, below 0.1 nearly all alike

\b
Workers authenticate each other with GANCLI_WORKERS_TOKEN; TensorFlow's own ports accept any connection."""
