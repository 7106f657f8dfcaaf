"""What an event's document says of its take's own sound, as the timeline knows it."""

from __future__ import annotations

from finisher import retime
from finisher.edl.document import EventDoc
from finisher.edl.draft import Draft
from finisher.edl.sound_document import SoundDoc
from finisher.edl.times import samples
from finisher.event import Event, NativeSound, Sounding
from finisher.problems import nearest


def sounding(draft: Draft, document: EventDoc, pointer: str) -> Sounding:
    """What becomes of the take's own sound; problems go to the draft."""
    sound, place = document.sound, f"{pointer}/sound"
    if isinstance(sound, str):
        return Sounding(NativeSound(sound))
    if not isinstance(sound, SoundDoc):
        return Sounding(NativeSound.KEEP, sound)
    plain = Sounding(NativeSound(sound.native), float(sound.gain_db))
    depth, fade = plain.depth_db, plain.cut_fade
    if sound.depth_db is not None:
        depth = float(sound.depth_db)
        if plain.native is not NativeSound.DUCK:
            message = f'sound that is not ducked but "{plain.native}" has no depth'
            draft.wrong("depth-without-duck", f"{place}/depth_db", message, '"native": "duck"')
    if sound.cut_fade is not None:
        fade = draft.time(samples, sound.cut_fade, f"{place}/cut_fade") or 0
    tone = document.take if sound.room_tone is True else sound.room_tone
    if isinstance(sound.room_tone, str) and sound.room_tone not in draft.names.takes:
        hint = nearest(sound.room_tone, draft.names.takes)
        message = f'there is no take "{sound.room_tone}"'
        draft.wrong("unknown-take", f"{place}/room_tone", message, hint)
    return Sounding(plain.native, plain.gain_db, depth, fade, str(tone) if tone else None)


def stretchable(draft: Draft, event: Event, pointer: str) -> bool:
    """Whether the sound of an event can be stretched along with its picture."""
    if event.sound.native is not NativeSound.STRETCH:
        return True
    if event.ramp is None and retime.stretchable(event.speed):
        return True
    speed = "a changing speed" if event.ramp is not None else f"speed {event.speed}"
    message = f"sound is stretched by 6 % at most, and the event plays at {speed}"
    hint = '"mute" it, or lay sound over it that "replaces" its own'
    draft.wrong("stretch-too-far", f"{pointer}/sound", message, hint)
    return False
