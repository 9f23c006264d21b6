/* A command-line tool in a release: asks libattn_compiler.so, which holds all tools, for the one named TOOL. */
int attnToolMain(const char *name, int argc, char **argv);

int main(int argc, char **argv) { return attnToolMain(TOOL, argc, argv); }
