#include "proto/json/hidden_text.hpp"
#include "proto/json/text.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub {

TEST_CASE("a name may hold what its language needs") {
  for (const auto* name : {
           "ann",
           "Zo\u00eb",
           "\u0420\u0438\u0442\u0430",
           "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", // Persian, I want
           "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",       // Persian, Alireza
           "\u0628\u064e\u200c\u0628",                         // across a vowel mark
           "\u0915\u094d\u200d\u0937",                         // Devanagari, a half form
           "\u0930\u094d\u200d\u092f",                         // Marathi, an eyelash ra
           "\u0915\u094d\u200c\u0937",                         // Devanagari, no ligature
           "\u0d30\u0d3e\u0d2e\u0d28\u0d4d\u200d", // Malayalam, an old chillu at the end
           "\u0dc1\u0dca\u200d\u0dbb\u0dd3",       // Sinhala, Sri
           "\u0d9a\u200d\u0dca\u0dc2",             // Sinhala, touching letters
           "\u09b0\u200d\u09cd\u09af\u09be\u09ac", // Bengali, RAB
           "\u845b\U000e0100\u57ce",               // Japanese, a variant of a letter
           "\u1820\u180b\u1828",                   // Mongolian
           "\u1828\u180e\u1820",                   // Mongolian, with a separated vowel
           "\u1078\ufe00",                         // Aiton, a dotted letter
           "\u2764\ufe0f",                         // emoji
           "\U0001f469\u200d\U0001f4bb",
           "\U0001f469\U0001f3fd\u200d\U0001f4bb",
           "\u2764\ufe0f\u200d\U0001f525",
           "\U0001f3f3\ufe0f\u200d\U0001f308",
           "1\ufe0f\u20e3",
           "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", // Scotland
           "\u2813\u2800\u2811", // Braille, with a blank
       }) {
    CAPTURE(name);
    CHECK_FALSE(has_hidden(name));
    CHECK(clean_new_name(name, 64, "username") == name);
    CHECK(shown_name(name, 64) == name);
  }
}

TEST_CASE("what nobody sees is refused in a new name, and left out of one that is shown") {
  struct row {
    const char* name;
    const char* shown;
  };
  for (const auto& [name, shown] : {
           row{"bo\u200bb", "bob"},             // zero-width space
           row{"bo\u200cb", "bob"},             // non-joiner between Latin letters
           row{"bo\u200db", "bob"},             // joiner
           row{"\ufeff\u2060bob\u00ad", "bob"}, // byte order mark, word joiner, soft hyphen
           row{"\u200ebob\u200f\u061c", "bob"}, // marks of direction
           row{"\u202ebob\u202c\u2066\u2069", "bob"}, // embeddings and isolates
           row{"bo\u034fb", "bob"},                   // combining grapheme joiner
           row{"bob\u3164", "bob"},                   // Hangul fillers
           row{"bob\u115f\u1160\uffa0", "bob"},
           row{"bob\ufe0f", "bob"}, // variation selectors without a variant
           row{"1\ufe0f", "1"},
           row{"bob\U000e0100", "bob"},
           row{"bob\U000e0062\U000e007f", "bob"},     // tags without a flag
           row{"\U0001f600\ufe0f", "\U0001f600"},     // in colour without the selector
           row{"bo\u2028b", "bob"},                   // line separator
           row{"\u200bbob \u200b", "bob"},            // white space before what is hidden
           row{"b\u200d\U0001f4bbb", "b\U0001f4bbb"}, // joins no emoji
           row{"\u0627\u200c\u0628", "\u0627\u0628"}, // these letters never join
           // twice, where one is needed
           row{"\u0645\u06cc\u200c\u200c\u062e", "\u0645\u06cc\u062e"},
           row{"\u0915\u094d\u200c", "\u0915\u094d"}, // nothing follows
           row{"\u845b\U000e0100\U000e0101", "\u845b\U000e0100"},
           row{"\U0001f3f4\U000e0078\U000e0078\U000e007f", "\U0001f3f4"}, // no such flag
           row{"bo\u200b\u200db", "bob"},
       }) {
    CAPTURE(name);
    CHECK(has_hidden(name));
    const auto refused = clean_new_name(name, 64, "username");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "username must not hold invisible characters");
    CHECK(shown_name(name, 64) == shown);
    // A user who already has such a name keeps it.
    CHECK(clean_name(name, 64, "username").has_value());
  }
}

TEST_CASE("a name in which nothing is seen is none") {
  for (const auto* name : {"\u200b", "\u3164", "\u2800", "\u2800 \u2800", "\u200d\u200d"}) {
    CAPTURE(name);
    CHECK(has_hidden(name));
    CHECK_FALSE(clean_new_name(name, 64, "username"));
    CHECK_FALSE(shown_name(name, 64));
  }
  CHECK_FALSE(shown_name("", 64));
  CHECK_FALSE(shown_name(std::string(65, 'a'), 64));
  CHECK_FALSE(shown_name("\xff", 64));
}

} // namespace hubbub
