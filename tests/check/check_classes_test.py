"""The check of the size of classes counts what it is there to count."""
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check-classes"


class CheckClasses(unittest.TestCase):
    def check(self, text, path="actors/room/a.hpp"):
        """The exit code and output for a tree of one file."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / path
            file.parent.mkdir(parents=True)
            file.write_text(text)
            run = subprocess.run([SCRIPT, folder], capture_output=True, text=True, check=False)
            return run.returncode, run.stdout

    def counts(self, body):
        """How many methods and members the script counts in a class with this body."""
        body += "".join(f"  void more_{i}(int x);\n" for i in range(31))
        code, output = self.check(f"class a {{\n{body}}};\n")
        self.assertEqual(code, 1, output)
        counted = re.search(r": a has (\d+) methods and (\d+) members", output)
        return int(counted[1]) - 31, int(counted[2])

    def test_a_class_at_both_bounds_passes_and_one_past_either_fails(self):
        def body(methods, members):
            return ("".join(f"  void f{i}();\n" for i in range(methods)) +
                    "".join(f"  int m{i}_;\n" for i in range(members)))

        self.assertEqual(self.check(f"class a {{\n{body(30, 12)}}};\n"), (0, ""))
        code, output = self.check(f"class a {{\n{body(31, 12)}}};\n")
        self.assertEqual(code, 1)
        self.assertIn("actors/room/a.hpp: a has 31 methods and 12 members", output)
        code, output = self.check(f"class a final : public b {{\n{body(1, 13)}}};\n")
        self.assertEqual(code, 1)
        self.assertIn("a has 1 methods and 13 members", output)

    def test_a_struct_of_plain_values_may_have_any_number(self):
        values = "".join(f"  int m{i} = 0;\n" for i in range(40))
        self.assertEqual(self.check(f"struct settings {{\n{values}}};\n"), (0, ""))

    def test_other_floors_are_not_judged(self):
        methods = "".join(f"  void f{i}();\n" for i in range(40))
        self.assertEqual(self.check(f"class a {{\n{methods}}};\n", "net/io/a.hpp"), (0, ""))

    def test_methods_of_every_form_count(self):
        self.assertEqual(self.counts("""
          explicit a(int x) : x_(x) {}
          [[nodiscard]] bool b() const { return x_ > 0; }
          template <class T>
          void c(const T& t) { t(); }
          static std::vector<int> d(std::function<void(int)> f = {});
          bool operator==(const a& other) const;
        """), (5, 0))

    def test_members_of_every_form_count(self):
        self.assertEqual(self.counts("""
          int a_;
          std::function<void(int)> b_;
          std::unordered_map<int, std::vector<int>> c_{}; ///< a comment (with brackets);
          std::size_t d_ = std::max(1, 2);
          part e_{a_, b_};
        """), (0, 5))

    def test_what_is_neither_does_not_count(self):
        self.assertEqual(self.counts("""
         public:
          using x = std::function<void(int)>;
          a(const a&) = delete;
          ~a() = default;
          struct inner {
            int i = 0;
            void f();
          };
          enum class kind { one, two };
          friend class other;
          static constexpr int max = 3;
          // void commented_out();
        """), (0, 0))

    def test_a_class_in_a_class_is_judged_by_itself(self):
        methods = "".join(f"    void f{i}();\n" for i in range(31))
        code, output = self.check(f"class a {{\n  void f();\n  struct b {{\n{methods}  }};\n}};\n")
        self.assertEqual(code, 1)
        self.assertIn("b has 31 methods", output)
        self.assertNotIn(": a has", output)


if __name__ == "__main__":
    unittest.main()
