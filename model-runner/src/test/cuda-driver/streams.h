// Streams and events. A call that is asynchronous in CUDA only queues its work here; the work is done when somebody waits for it, or earlier,
// by chance. Which stream goes on is drawn from the seed, within the order that streams and events promise. So host memory that is reused too
// early, a missing wait between streams or a result that is read before it is there shows in any run whose seed brings it about, and the same
// seed brings it about again: there are no threads.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "block.h"
#include "fault.h"

namespace emulator {

struct Event {
    uint64_t recorded = 0;  // records that were queued
    uint64_t completed = 0; // of these, how many are over
    std::chrono::steady_clock::time_point at;
};

struct Work {
    enum Kind { RUN, RECORD, WAIT } kind = RUN;
    std::function<void()> run;
    std::shared_ptr<Event> event;
    uint64_t version = 0;
};

struct Stream {
    std::deque<Work> queue;
    bool isBlocking = true; // ordered with the null stream
};

class Streams {
  public:
    explicit Streams(Random& random) : random_(random) { all_[0] = std::make_shared<Stream>(); }

    uint64_t create(bool isBlocking) {
        all_[++last_] = std::make_shared<Stream>();
        all_[last_]->isBlocking = isBlocking;
        return last_;
    }

    void destroy(uint64_t id) {
        find(id);
        // Its work is still done, CUDA says; nobody can tell whether that is now.
        synchronize(id);
        all_.erase(id);
    }

    void add(uint64_t id, Work work) {
        Stream& stream = find(id);
        if (id == 0) {
            synchronizeBlocking();
        }
        if (work.kind == Work::RECORD) {
            work.version = ++work.event->recorded;
        } else if (work.kind == Work::WAIT) {
            work.version = work.event->recorded;
        }
        stream.queue.push_back(std::move(work));
        if (id == 0) {
            synchronize(0);
        }
        while (chance() && step()) {
        }
    }

    void synchronize(uint64_t id) {
        Stream& stream = find(id);
        until([&] { return stream.queue.empty(); });
    }

    void synchronizeAll() {
        until([&] {
            for (const auto& [id, stream] : all_) {
                if (!stream->queue.empty()) {
                    return false;
                }
            }
            return true;
        });
    }

    void synchronize(const Event& event) {
        const uint64_t version = event.recorded;
        until([&] { return event.completed >= version; });
    }

    bool isDone(uint64_t id) {
        Stream& stream = find(id);
        step();
        return stream.queue.empty();
    }

    bool isDone(const Event& event) {
        const uint64_t version = event.recorded;
        step();
        return event.completed >= version;
    }

    void drop() {
        for (auto& [id, stream] : all_) {
            stream->queue.clear();
        }
    }

    size_t count() const { return all_.size() - 1; }
    void eager(unsigned percent) { eager_ = percent; }

  private:
    Stream& find(uint64_t id) {
        const auto it = all_.find(id);
        if (it == all_.end()) {
            throw Fault{INVALID_HANDLE, "no stream " + std::to_string(id)};
        }
        return *it->second;
    }

    bool chance() { return random_() % 100 < eager_; }

    void synchronizeBlocking() {
        for (auto& [id, stream] : all_) {
            if (stream->isBlocking) {
                synchronize(id);
            }
        }
    }

    template <class Condition> void until(Condition condition) {
        while (!condition()) {
            if (!step()) {
                throw Fault{LAUNCH_FAILED, "streams that wait for each other for ever"};
            }
        }
    }

    // Does one piece of work of some stream; false if none can be done.
    bool step() {
        std::vector<std::shared_ptr<Stream>> ready;
        for (auto& [id, stream] : all_) {
            if (!stream->queue.empty()) {
                const Work& work = stream->queue.front();
                if (work.kind != Work::WAIT || work.event->completed >= work.version) {
                    ready.push_back(stream);
                }
            }
        }
        if (ready.empty()) {
            return false;
        }
        Stream& stream = *ready[random_() % ready.size()];
        Work work = std::move(stream.queue.front());
        stream.queue.pop_front();
        if (work.kind == Work::RUN) {
            work.run();
        } else if (work.kind == Work::RECORD) {
            work.event->completed = std::max(work.event->completed, work.version);
            work.event->at = std::chrono::steady_clock::now();
        }
        return true;
    }

    Random& random_;
    std::map<uint64_t, std::shared_ptr<Stream>> all_;
    uint64_t last_ = 0;
    unsigned eager_ = 30;
};

} // namespace emulator
