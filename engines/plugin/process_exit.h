// At the end of the process an engine's own globals go before those of a host that loaded the plugin late, and whatever
// is freed after them jumps into libraries that are gone. From then on nothing is freed: the process is ending.
#ifndef OARLOCK_ENGINES_PLUGIN_PROCESS_EXIT_H_
#define OARLOCK_ENGINES_PLUGIN_PROCESS_EXIT_H_

namespace oarlock::plugin {

bool IsExiting();
// Once the engine's library is loaded, and so its globals are made: those go after what is made here.
void WatchExit();
// Holds on to what is not deleted, so that no leak is seen in it.
void Keep(void* object);

// Deletes, unless the plugin's globals are gone already.
template <typename T>
void DeleteUnlessExiting(T* object) {
  if (IsExiting()) {
    Keep(object);
  } else {
    delete object;
  }
}

}  // namespace oarlock::plugin

#endif  // OARLOCK_ENGINES_PLUGIN_PROCESS_EXIT_H_
