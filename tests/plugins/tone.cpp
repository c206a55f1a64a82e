// A small VST3 instrument that the tests build and play: sines with one parameter, and on demand a bad one.
//
// It speaks the binary interface itself, so that nothing but a C++ compiler is needed. Macros: NAME is what it is
// called; LATENCY the frames that it plays late and says so; CRASHES makes it end the process when it is made; MUTE
// makes it answer notes with silence; EFFECT makes it call itself an effect; HANGS makes it never come back.

#include <cmath>
#include <cstdint>
#include <cstring>

#ifndef NAME
#define NAME "Tone"
#endif
#ifndef LATENCY
#define LATENCY 0
#endif

#ifdef _WIN32
#define CALL __stdcall
#define EXPORT extern "C" __declspec(dllexport)
#else
#define CALL
#define EXPORT extern "C" __attribute__((visibility("default")))
#endif

using Result = int32_t;
using Tuid = char[16];
constexpr Result OK = 0, NO = 1, NO_INTERFACE = -1;

struct Id {
  unsigned char bytes[16];
  bool is(const void *other) const { return std::memcmp(bytes, other, 16) == 0; }
};
constexpr Id id(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  Id out{};
  const uint32_t parts[] = {a, b, c, d};
  for (int i = 0; i < 16; ++i) out.bytes[i] = static_cast<unsigned char>(parts[i / 4] >> (24 - 8 * (i % 4)));
  return out;
}
constexpr Id UNKNOWN = id(0, 0, 0xC0000000, 0x46), BASE = id(0x22888DDB, 0x156E45AE, 0x8358B348, 0x08190625);
constexpr Id FACTORY = id(0x7A4D811C, 0x52114A1F, 0xAED9D2EE, 0x0B43BF9F);
constexpr Id FACTORY_2 = id(0x0007B650, 0xF24B4C0B, 0xA464EDB9, 0xF00B2ABB);
constexpr Id COMPONENT = id(0xE831FF31, 0xF2D54301, 0x928EBBEE, 0x25697802);
constexpr Id PROCESSOR = id(0x42043F99, 0xB7DA453C, 0xA569E79D, 0x9AAEC33D);
constexpr Id CONTROLLER = id(0xDCD7BBE3, 0x7742448D, 0xA874AACC, 0x979C759E);
constexpr Id MAPPING = id(0xDF0FF9F7, 0x49B74669, 0xB63AB732, 0x7ADBF5E5);

struct Unknown {
  virtual Result CALL queryInterface(const Tuid wanted, void **object) = 0;
  virtual uint32_t CALL addRef() = 0;
  virtual uint32_t CALL release() = 0;
};
struct Base : Unknown {
  virtual Result CALL initialize(Unknown *host) = 0;
  virtual Result CALL terminate() = 0;
};
struct BusInfo {
  int32_t media, direction, channels;
  char16_t name[128];
  int32_t type;
  uint32_t flags;
};
struct Component : Base {
  virtual Result CALL getControllerClassId(Tuid out) = 0;
  virtual Result CALL setIoMode(int32_t mode) = 0;
  virtual int32_t CALL getBusCount(int32_t media, int32_t direction) = 0;
  virtual Result CALL getBusInfo(int32_t media, int32_t direction, int32_t index, BusInfo &out) = 0;
  virtual Result CALL getRoutingInfo(void *in, void *out) = 0;
  virtual Result CALL activateBus(int32_t media, int32_t direction, int32_t index, uint8_t state) = 0;
  virtual Result CALL setActive(uint8_t state) = 0;
  virtual Result CALL setState(Unknown *stream) = 0;
  virtual Result CALL getState(Unknown *stream) = 0;
};
struct Setup {
  int32_t mode, sample_size, largest;
  double rate;
};
struct Buses {
  int32_t channels;
  uint64_t silence;
  float **buffers;
};
struct Event {
  int32_t bus, offset;
  double quarter;
  uint16_t flags, type;
  union {
    struct { int16_t channel, pitch; float tuning, velocity; int32_t length, note; } on;
    struct { int16_t channel, pitch; float velocity; int32_t note; float tuning; } off;
    void *room[4];
  };
};
struct Events : Unknown {
  virtual int32_t CALL getEventCount() = 0;
  virtual Result CALL getEvent(int32_t index, Event &out) = 0;
  virtual Result CALL addEvent(Event &event) = 0;
};
struct Queue : Unknown {
  virtual uint32_t CALL getParameterId() = 0;
  virtual int32_t CALL getPointCount() = 0;
  virtual Result CALL getPoint(int32_t index, int32_t &offset, double &value) = 0;
  virtual Result CALL addPoint(int32_t offset, double value, int32_t &index) = 0;
};
struct Changes : Unknown {
  virtual int32_t CALL getParameterCount() = 0;
  virtual Queue *CALL getParameterData(int32_t index) = 0;
  virtual Queue *CALL addParameterData(const uint32_t &parameter, int32_t &index) = 0;
};
struct Data {
  int32_t mode, sample_size, frames, inputs, outputs;
  Buses *in, *out;
  Changes *changes, *changes_out;
  Events *events, *events_out;
  void *context;
};
struct Processor : Unknown {
  virtual Result CALL setBusArrangements(uint64_t *in, int32_t ins, uint64_t *out, int32_t outs) = 0;
  virtual Result CALL getBusArrangement(int32_t direction, int32_t index, uint64_t &out) = 0;
  virtual Result CALL canProcessSampleSize(int32_t size) = 0;
  virtual uint32_t CALL getLatencySamples() = 0;
  virtual Result CALL setupProcessing(Setup &setup) = 0;
  virtual Result CALL setProcessing(uint8_t state) = 0;
  virtual Result CALL process(Data &data) = 0;
  virtual uint32_t CALL getTailSamples() = 0;
};
struct Parameter {
  uint32_t id;
  char16_t title[128], short_title[128], units[128];
  int32_t steps;
  double usual;
  int32_t unit, flags;
};
struct Controller : Base {
  virtual Result CALL setComponentState(Unknown *stream) = 0;
  virtual Result CALL setState(Unknown *stream) = 0;
  virtual Result CALL getState(Unknown *stream) = 0;
  virtual int32_t CALL getParameterCount() = 0;
  virtual Result CALL getParameterInfo(int32_t index, Parameter &out) = 0;
  virtual Result CALL getParamStringByValue(uint32_t parameter, double value, char16_t *out) = 0;
  virtual Result CALL getParamValueByString(uint32_t parameter, char16_t *text, double &out) = 0;
  virtual double CALL normalizedParamToPlain(uint32_t parameter, double value) = 0;
  virtual double CALL plainParamToNormalized(uint32_t parameter, double value) = 0;
  virtual double CALL getParamNormalized(uint32_t parameter) = 0;
  virtual Result CALL setParamNormalized(uint32_t parameter, double value) = 0;
  virtual Result CALL setComponentHandler(void *handler) = 0;
  virtual void *CALL createView(const char *name) = 0;
};
struct Mapping : Unknown {
  virtual Result CALL getMidiControllerAssignment(int32_t bus, int16_t channel, int16_t controller, uint32_t &out) = 0;
};
struct FactoryInfo {
  char vendor[64], url[256], email[128];
  int32_t flags;
};
struct ClassInfo {
  Tuid cid;
  int32_t cardinality;
  char category[32], name[64];
};
struct ClassInfo2 {
  Tuid cid;
  int32_t cardinality;
  char category[32], name[64];
  uint32_t flags;
  char subcategories[128], vendor[64], version[64], sdk[64];
};
struct Factory : Unknown {
  virtual Result CALL getFactoryInfo(FactoryInfo *out) = 0;
  virtual int32_t CALL countClasses() = 0;
  virtual Result CALL getClassInfo(int32_t index, ClassInfo *out) = 0;
  virtual Result CALL createInstance(const char *cid, const char *wanted, void **object) = 0;
  virtual Result CALL getClassInfo2(int32_t index, ClassInfo2 *out) = 0;
};

static void write(char16_t *out, const char *text) {
  do *out++ = static_cast<char16_t>(*text); while (*text++);
}

// Sixteen sines that begin and end at the very frame of their notes. They fade in and out over RAMP frames.
constexpr int VOICES = 16, RAMP = 64;
struct Voice {
  int pitch = -1, age = 0, left = -1;
  float gain = 0;
};

class Tone final : public Component, public Processor, public Controller, public Mapping {
 public:
  Result CALL queryInterface(const Tuid wanted, void **object) override {
    *object = nullptr;
    if (COMPONENT.is(wanted) || UNKNOWN.is(wanted) || BASE.is(wanted)) *object = static_cast<Component *>(this);
    if (PROCESSOR.is(wanted)) *object = static_cast<Processor *>(this);
    if (CONTROLLER.is(wanted)) *object = static_cast<Controller *>(this);
    if (MAPPING.is(wanted)) *object = static_cast<Mapping *>(this);
    if (*object) addRef();
    return *object ? OK : NO_INTERFACE;
  }
  uint32_t CALL addRef() override { return ++references_; }
  uint32_t CALL release() override {
    const uint32_t left = --references_;
    if (left == 0) delete this;
    return left;
  }
  Result CALL initialize(Unknown *) override {
#ifdef CRASHES
    *reinterpret_cast<volatile int *>(8) = 1;
#endif
#ifdef HANGS
    for (volatile bool on = true; on;) {}
#endif
    return OK;
  }
  Result CALL terminate() override { return OK; }

  Result CALL getControllerClassId(Tuid) override { return NO; }
  Result CALL setIoMode(int32_t) override { return OK; }
  int32_t CALL getBusCount(int32_t media, int32_t direction) override { return media == 0 ? direction : 1 - direction; }
  Result CALL getBusInfo(int32_t media, int32_t direction, int32_t, BusInfo &out) override {
    out = {media, direction, media == 0 ? 2 : 16, {}, 0, 1};
    write(out.name, "Main");
    return OK;
  }
  Result CALL getRoutingInfo(void *, void *) override { return NO; }
  Result CALL activateBus(int32_t, int32_t, int32_t, uint8_t) override { return OK; }
  Result CALL setActive(uint8_t on) override {
    if (on) {
      for (auto &voice : voices_) voice = {};
      for (auto &frame : late_) frame = 0;
      at_ = 0;
    }
    return OK;
  }
  Result CALL setState(Unknown *) override { return OK; }
  Result CALL getState(Unknown *) override { return OK; }

  Result CALL setBusArrangements(uint64_t *, int32_t ins, uint64_t *out, int32_t outs) override {
    return ins == 0 && outs == 1 && out[0] == 3 ? OK : NO;
  }
  Result CALL getBusArrangement(int32_t direction, int32_t, uint64_t &out) override {
    out = 3;
    return direction == 1 ? OK : NO;
  }
  Result CALL canProcessSampleSize(int32_t size) override { return size == 0 ? OK : NO; }
  uint32_t CALL getLatencySamples() override { return LATENCY; }
  Result CALL setupProcessing(Setup &setup) override {
    rate_ = setup.rate;
    return OK;
  }
  Result CALL setProcessing(uint8_t) override { return OK; }
  uint32_t CALL getTailSamples() override { return RAMP; }
  Result CALL process(Data &data) override {
    for (int32_t i = 0; data.changes && i < data.changes->getParameterCount(); ++i) {
      Queue *queue = data.changes->getParameterData(i);
      int32_t offset = 0;
      const int32_t last = queue ? queue->getPointCount() - 1 : -1;
      if (last >= 0) queue->getPoint(last, offset, values_[queue->getParameterId() % 2]);
    }
    const int32_t count = data.events ? data.events->getEventCount() : 0;
    int32_t next = 0;
    for (int32_t frame = 0; frame < data.frames; ++frame) {
      Event event{};
      while (next < count && data.events->getEvent(next, event) == OK && event.offset <= frame) take(event), ++next;
      const float sample = delayed(sum());
      for (int32_t c = 0; data.outputs && c < data.out[0].channels; ++c) data.out[0].buffers[c][frame] = sample;
    }
    return OK;
  }

  Result CALL setComponentState(Unknown *) override { return OK; }
  int32_t CALL getParameterCount() override { return 2; }
  Result CALL getParameterInfo(int32_t index, Parameter &out) override {
    out = {static_cast<uint32_t>(index), {}, {}, {}, 0, index == 0 ? 0.5 : 0.0, 0, 1};
    write(out.title, index == 0 ? "Level" : "Octave");
    write(out.short_title, index == 0 ? "Level" : "Octave");
    return OK;
  }
  Result CALL getParamStringByValue(uint32_t, double value, char16_t *out) override {
    char text[] = "0.00";
    const int hundredths = static_cast<int>(value * 100 + 0.5);
    text[0] += hundredths / 100, text[2] += hundredths / 10 % 10, text[3] += hundredths % 10;
    write(out, text);
    return OK;
  }
  Result CALL getParamValueByString(uint32_t, char16_t *, double &) override { return NO; }
  double CALL normalizedParamToPlain(uint32_t, double value) override { return value; }
  double CALL plainParamToNormalized(uint32_t, double value) override { return value; }
  double CALL getParamNormalized(uint32_t parameter) override { return values_[parameter % 2]; }
  Result CALL setParamNormalized(uint32_t parameter, double value) override {
    values_[parameter % 2] = value;
    return OK;
  }
  Result CALL setComponentHandler(void *) override { return OK; }
  void *CALL createView(const char *) override { return nullptr; }

  // The volume controller moves the level.
  Result CALL getMidiControllerAssignment(int32_t, int16_t, int16_t controller, uint32_t &out) override {
    out = 0;
    return controller == 7 ? OK : NO;
  }

 private:
  void take(const Event &event) {
    if (event.type == 0 && event.on.velocity > 0) {
      for (auto &voice : voices_)
        if (voice.pitch < 0) {
          voice = {event.on.pitch, 0, -1, event.on.velocity};
          return;
        }
    } else if (event.type <= 1) {
      for (auto &voice : voices_)
        if (voice.pitch == event.off.pitch && voice.left < 0) voice.left = RAMP;
    }
  }
  float sum() {
    double total = 0;
    for (auto &voice : voices_) {
      if (voice.pitch < 0) continue;
      const double hertz = 440.0 * std::pow(2.0, (voice.pitch - 69) / 12.0 + std::floor(values_[1] * 2 + 0.5));
      double gain = voice.gain * values_[0] * std::fmin(1.0, (voice.age + 1.0) / RAMP);
      if (voice.left >= 0) gain *= static_cast<double>(voice.left) / RAMP;
      total += gain * std::sin(2 * 3.14159265358979323846 * hertz * voice.age / rate_);
      ++voice.age;
      if (voice.left >= 0 && voice.left-- == 0) voice.pitch = -1;
    }
#ifdef MUTE
    total = 0;
#endif
    return static_cast<float>(total);
  }
  float delayed(float sample) {
    if (LATENCY == 0) return sample;
    const float out = late_[at_];
    late_[at_] = sample;
    at_ = (at_ + 1) % LENGTH;
    return out;
  }
  uint32_t references_ = 1;
  double rate_ = 48000, values_[2] = {0.5, 0.0};
  Voice voices_[VOICES];
  static constexpr int LENGTH = LATENCY ? LATENCY : 1;
  float late_[LENGTH] = {};
  int at_ = 0;
};

constexpr Id CLASS = id(0x53545544, 0x494F544F, 0x4E450000 + sizeof(NAME), LATENCY);

class Maker final : public Factory {
 public:
  Result CALL queryInterface(const Tuid wanted, void **object) override {
    const bool known = UNKNOWN.is(wanted) || FACTORY.is(wanted) || FACTORY_2.is(wanted);
    *object = known ? this : nullptr;
    return known ? OK : NO_INTERFACE;
  }
  uint32_t CALL addRef() override { return 1; }
  uint32_t CALL release() override { return 1; }
  Result CALL getFactoryInfo(FactoryInfo *out) override {
    *out = {"Studio Tests", "", "", 16};
    return OK;
  }
  int32_t CALL countClasses() override { return 1; }
  Result CALL getClassInfo(int32_t, ClassInfo *out) override {
    *out = {{}, 0x7FFFFFFF, "Audio Module Class", NAME};
    std::memcpy(out->cid, CLASS.bytes, 16);
    return OK;
  }
  Result CALL getClassInfo2(int32_t, ClassInfo2 *out) override {
#ifdef EFFECT
    *out = {{}, 0x7FFFFFFF, "Audio Module Class", NAME, 0, "Fx", "Studio Tests", "1.0.0", "VST 3.7"};
#else
    *out = {{}, 0x7FFFFFFF, "Audio Module Class", NAME, 0, "Instrument|Synth", "Studio Tests", "1.0.0", "VST 3.7"};
#endif
    std::memcpy(out->cid, CLASS.bytes, 16);
    return OK;
  }
  Result CALL createInstance(const char *cid, const char *wanted, void **object) override {
    *object = nullptr;
    if (!CLASS.is(cid)) return NO;
    auto *tone = new Tone;
    const Result result = tone->queryInterface(wanted, object);
    tone->release();
    return result;
  }
};

EXPORT Unknown *CALL GetPluginFactory() {
  static Maker maker;
  return &maker;
}
#if defined(__APPLE__)
EXPORT bool bundleEntry(void *) { return true; }
EXPORT bool bundleExit() { return true; }
#elif defined(_WIN32)
EXPORT bool InitDll() { return true; }
EXPORT bool ExitDll() { return true; }
#else
EXPORT bool ModuleEntry(void *) { return true; }
EXPORT bool ModuleExit() { return true; }
#endif
