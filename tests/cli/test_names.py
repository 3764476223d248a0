"""What users of other tools type: the error gives the right name, and never an unrelated one."""

import click
import pytest
from helpers.command_lines import COMMANDS

from gancli import models
from gancli.cli import main, renamed
from gancli.core.names import familiar_options
from gancli.models import config

MODEL_OPTIONS = {field.name for name in models.names() for field in config.fields_of(models.get(name))}
FLAGS = {flag for command in COMMANDS.values() for param in command.params for flag in param.opts}
FLAGS |= {f"--{name.replace('_', '-')}" for name in MODEL_OPTIONS}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("train --lr 1e-3", "No such option '--lr': use --learning-rate."),
        ("train -lr 1e-3", "use --learning-rate."),
        ("train --bs 4", "use --batch-size."),
        ("train -b 4", "use --batch-size."),
        ("train --iters 5", "use --steps."),
        ("train --kimg 25000", "use --steps."),
        ("train --gpu 0", "use --devices."),
        ("train --output x", "use --outdir."),
        ("train --dataroot x", "use --data."),
        ("train --imgsz 64", "use --image-size."),
        ("train --nz 100", "use --z-dim."),
        ("train --ngf 64", "use --width."),
        ("train --layers 3", "use --depth."),
        ("train --model gan --layers 3", "use --units."),
        ("train --gan_mode hinge", "use --loss."),
        ("train --model ebgan --loss hinge", "No such option '--loss' of ebgan; models with --loss: acgan, cgan"),
        ("train --learning_rate 3", "use --learning-rate."),
        ("train --learnig-rate 3", "did you mean '--learning-rate'?"),
        ("train --num-workers 4", "data are loaded without extra processes"),
        ("train --gamma 10", "use --r1."),
        ("train --resume last", "did you mean --resume --run last?"),
        ("sample --trunc 0.7", "z is not truncated"),
        ("project --input a.png", "give files without a flag"),
        ("train dcgan", "did you mean --model dcgan?"),
        ("train mnist", "did you mean --data mnist?"),
        ("train model=dcgan", "options have dashes: --model dcgan"),
        ("train --set lr=1", "unknown option 'lr': use 'learning_rate'"),
        ("sample --output x", "use --out."),
        ("sample -n 4", "use --num-samples."),
        ("sample --ckpt 4", "use --checkpoint."),
        ("generate", "no command 'generate': use gancli sample"),
        ("finetune", "use gancli train --resume"),
        ("predict", "use gancli sample"),
        ("evaluate", "no command 'evaluate': use gancli eval"),
        ("ls", "use gancli runs list"),
        ("runs ls", "no command 'ls': use gancli runs list"),
        ("runs diff 0 1", "use gancli runs compare"),
        ("runs delete 0", "use gancli runs rm"),
        ("runs rm 0 --force", "use --yes."),
        ("data info", "use gancli data check"),
        ("sampel", "did you mean 'sample'?"),
        ("zvec", "did you mean 'zvector-arith'?"),
    ],
)
def test_a_familiar_name_gets_the_one_to_use(gancli, line, words):
    answer = gancli(*line.split())
    assert answer.code == 2
    assert words in answer.err


@pytest.mark.parametrize("line", ["train --qr 3", "sample --lr 3", "train --zoo 1", "frobnicate", "runs frob", "tests"])
def test_a_name_that_resembles_none_gets_no_suggestion(gancli, line):
    answer = gancli(*line.split())
    assert answer.code == 2
    assert "mean" not in answer.err
    assert "use" not in answer.err.splitlines()[-1]


def test_every_familiar_option_leads_to_one_of_a_model():
    for name, ours in familiar_options.FAMILIAR.items():
        assert set(ours) <= MODEL_OPTIONS, name
        assert name not in {field.name for field in config.fields_of(models.get("dcgan"))}, name


def test_every_familiar_flag_leads_to_one_of_a_command():
    for name, ours in renamed.FAMILIAR_FLAGS.items():
        assert all(f"--{one}" in FLAGS for one in ours), name


@pytest.mark.parametrize("group", renamed.FAMILIAR_COMMANDS)
def test_every_familiar_command_leads_to_a_command_line(group):
    path = () if group == "gancli" else (group,)
    here = COMMANDS[path].list_commands(click.Context(COMMANDS[path]))
    for name, line in renamed.FAMILIAR_COMMANDS[group].items():
        words = [word for word in line.split() if not word.startswith("-")]
        command = COMMANDS[tuple(words)]
        flags = {flag for param in command.get_params(click.Context(command)) for flag in param.opts}
        assert name not in here
        assert {word for word in line.split() if word.startswith("-")} <= flags


def test_there_are_more_than_sixty_familiar_names():
    commands = sum(map(len, renamed.FAMILIAR_COMMANDS.values()))
    assert len(familiar_options.FAMILIAR) + len(renamed.FAMILIAR_FLAGS) + commands > 300


# --- case


def test_every_choice_of_a_command_takes_any_case():
    choices = [param for command in COMMANDS.values() for param in command.params if hasattr(param.type, "choices")]
    assert len(choices) > 5
    assert not [param.name for param in choices if param.type.case_sensitive]


def test_models_and_choices_of_options_take_any_case():
    context = click.Context(main.cli)
    asked = main.cli.get_command(context, "train").make_context("train", ["--model", "DCGAN", "--loss", "HINGE"])
    assert (asked.obj, asked.params["loss"]) == ("dcgan", "hinge")
    assert config.from_mapping(models.get("WGAN_GP"), {"color": "RGB"}).config.color == "rgb"


def test_the_first_screen_has_six_tasks_whose_examples_are_commands(gancli):
    assert len(main.TASKS) == 6
    for answer in (gancli(), gancli("--help")):
        screen = answer.out + answer.err
        assert screen.index("Common tasks:") < screen.index("Commands:")
        assert all(task in screen and example in screen for task, example in main.TASKS.items())
    for example in main.TASKS.values():
        words = example.split()
        assert words[0] == "gancli"
        assert tuple(words[1:3]) in COMMANDS or tuple(words[1:2]) in COMMANDS
